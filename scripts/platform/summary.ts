import { relative } from "node:path";
import type { Stack } from "./stack.ts";

/** What one needs to go on: addresses, the key if it is new, the next request. */
export function apiSummary(stack: Stack): string[] {
  return [
    `API              ${stack.apiAddress}`,
    `Reference        ${stack.apiAddress}/docs`,
    ...(stack.isApiKeyNew
      ? [`API key          ${stack.apiKey}   (shown once; kept in ${shown(stack.apiKeyFile)})`]
      : []),
    ...(stack.temporalUiAddress === null ? [] : [`Temporal UI      ${stack.temporalUiAddress}`]),
    `Metrics          ${stack.metricsAddresses.api} (API), ${stack.metricsAddresses.worker} (worker)`,
    `Infrastructure   ${stack.catalog.infrastructure}, regions ${Object.keys(stack.catalog.catalog.regions).join(", ")}`,
    `Logs             ${shown(`${stack.dataDir}/logs`)}`,
  ];
}

/** A command that makes the next server, ready to paste. */
export function createServerCommand(stack: Stack, body: object): string[] {
  return [
    `curl -sS ${stack.apiAddress}/v1/servers \\`,
    `  -H "Authorization: Bearer ${keyInShell(stack)}" -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ];
}

function keyInShell(stack: Stack): string {
  return stack.isApiKeyInFile ? `$(cat ${shown(stack.apiKeyFile)})` : "$CLOUDNEXUS_BOOTSTRAP_API_KEY";
}

export function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}
