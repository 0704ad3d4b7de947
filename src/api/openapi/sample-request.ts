import type { Endpoint } from "../endpoint.ts";
import { ACCOUNT, ACTIVE_DATABASE, ACTIVE_SERVER, API_KEY, AUDIT, CREATE_SERVER_ACTION, SSH_KEY } from "../examples.ts";
import { HOLD, RETRY } from "../operator-examples.ts";
import { PUBLISHED_ADDRESS } from "./published-address.ts";

/** What the code samples of a call send. */
export interface SampleRequest {
  /** For the CLI: `create-server`. */
  command: string;
  method: string;
  url: string;
  id: string | null;
  query: Record<string, string | number>;
  body: Record<string, unknown> | null;
  needsKey: boolean;
  /** Whether the answer is a file as it is, not JSON in the envelope. */
  isText: boolean;
  /** Whether the answer goes on, and is printed as it comes. */
  isStream: boolean;
}

const IDS: Partial<Record<NonNullable<Endpoint["id"]>, string>> = {
  server: ACTIVE_SERVER.id,
  database: ACTIVE_DATABASE.id,
  sshKey: SSH_KEY.id,
  apiKey: API_KEY.id,
  action: CREATE_SERVER_ACTION.id,
  audit: AUDIT.id,
  retry: RETRY.id,
  hold: HOLD.id,
  account: ACCOUNT.id,
};

export function sampleRequest({ method, path, id, scopes, answers, docs }: Endpoint): SampleRequest {
  const sampleId = id === undefined ? null : (IDS[id] ?? "");
  const query = docs.sample?.query ?? {};
  const parameters = sampleQuery(docs);
  return {
    command: commandName(docs.operationId),
    method: method.toUpperCase(),
    url: `${PUBLISHED_ADDRESS}${path.replace(":id", sampleId ?? "")}${parameters === "" ? "" : `?${parameters}`}`,
    id: sampleId,
    query,
    body: docs.sample?.body ?? null,
    needsKey: scopes !== null,
    isText: answers[200]?.contentType?.startsWith("application/json") === false,
    isStream: answers[200]?.isStream ?? false,
  };
}

/** The query string of its sample, without the question mark. */
export function sampleQuery({ sample }: Endpoint["docs"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(sample?.query ?? {})) parameters.set(name, String(value));
  return parameters.toString();
}

/** `createServer` → `create-server`. */
function commandName(operationId: string): string {
  return operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
