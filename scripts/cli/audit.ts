import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { auditTable, type ShownAudit } from "./audit-table.ts";
import { UsageError } from "./request.ts";

/** For the help. */
export const AUDIT_COMMANDS = [
  [
    "audit",
    "Operators: compares everything; --repair, --delete-lost, --region A,B, --class A,B, --reason TEXT, -o json",
  ],
] as const;

const POLL_MS = 300;

/** How the command ends. */
const EXIT = { clean: 0, refused: 1, differences: 3, incomplete: 4 } as const;

interface AuditCommand {
  body: { repair: boolean; delete_lost: boolean; regions?: string[]; classes?: string[]; reason?: string };
  isJson: boolean;
}

/**
 * Runs an audit by the operator API and tells what it found, as a table or as JSON. Ends with 0: nothing differs any more; 3: something does; 4: a part could not be compared;
 * 1: the API refused.
 */
export async function runAudit(
  words: string[],
  { url, apiKey }: { url: string; apiKey: string | undefined },
): Promise<{ text: string; exitCode: number }> {
  const { body, isJson } = parse(words);
  if (!apiKey) throw new UsageError("CLOUDNEXUS_API_KEY is not set; it takes a key with the scope operator");
  const authorization = `Bearer ${apiKey}`;
  const headers = { authorization, "content-type": "application/json", "idempotency-key": randomUUID() };
  const path = `${url}/v1/operator/audits`;
  let audit = await answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
  while (audit.status === "running") {
    await delay(POLL_MS);
    audit = await answer(await fetch(`${path}/${audit.id}`, { headers: { authorization } }));
  }
  return { text: isJson ? JSON.stringify(audit, null, 2) : auditTable(audit), exitCode: exitCodeOf(audit) };
}

function exitCodeOf({ status, differences }: ShownAudit): number {
  if (status !== "succeeded") return EXIT.incomplete;
  const isOver = (outcome: string) => outcome === "repaired" || outcome === "shown";
  return differences.every(({ outcome }) => isOver(outcome)) ? EXIT.clean : EXIT.differences;
}

async function answer(response: Response): Promise<ShownAudit> {
  const { data, error } = (await response.json()) as {
    data: Omit<ShownAudit, "differences"> & Partial<ShownAudit>;
    error?: { code: string; message: string };
  };
  if (!response.ok) throw new Error(`${error?.code ?? response.status}: ${error?.message ?? ""}`);
  // The answer to the request itself has none yet.
  return { ...data, differences: data.differences ?? [] };
}

function parse(words: string[]): AuditCommand {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        repair: { type: "boolean", default: false },
        "delete-lost": { type: "boolean", default: false },
        region: { type: "string" },
        class: { type: "string" },
        reason: { type: "string" },
        output: { type: "string", short: "o", default: "table" },
      },
    });
    const { repair, region, class: classes, reason, output } = values;
    if (output !== "table" && output !== "json") throw new Error("-o takes table or json");
    if (repair && reason === undefined) throw new Error("--repair needs --reason");
    return {
      isJson: output === "json",
      body: {
        repair,
        delete_lost: values["delete-lost"],
        ...(region !== undefined && { regions: region.split(",") }),
        ...(classes !== undefined && { classes: classes.split(",") }),
        ...(reason !== undefined && { reason }),
      },
    };
  } catch (error) {
    throw new UsageError(`audit: ${error instanceof Error ? error.message : String(error)}`);
  }
}
