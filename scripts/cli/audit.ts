import type { Command } from "commander";
import type { Answer } from "./api.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { defined } from "./request-fields.ts";
import type { Run } from "./run.ts";
import { auditTable, type ShownAudit } from "./tables/audit.ts";
import { list, reason as reasonOf } from "./words.ts";

const POLL_MS = 300;
const PATH = "/v1/operator/audits";

interface AuditOptions {
  repair: boolean;
  deleteLost: boolean;
  region?: string[];
  class?: string[];
  reason?: string;
}

/** `audit`: has everything compared, and tells what differs. */
export function addAudit(program: Command, run: Run): void {
  program
    .command("audit")
    .description("compares rows, workflows and infrastructure, and tells what differs")
    .option("--repair", "repairs what differs, where that can be", false)
    .option("--delete-lost", "also what was made between a backup and its restore", false)
    .option("--region <slugs>", "only these regions: a,b", list)
    .option("--class <classes>", "only these classes of difference: a,b", list)
    .option("--reason <text>", "why, for the audit log; needed by a repair", reasonOf)
    .addHelpText(
      "after",
      `
Examples:
  $ cloudnexus audit
  $ cloudnexus audit --region us-east-1 --class instance_orphaned,volume_orphaned -o json
  $ cloudnexus audit --repair --reason "after the power cut"`,
    )
    .action(async (options: AuditOptions) => {
      if (options.repair && options.reason === undefined) run.refuse("audit --repair needs --reason");
      const answer = await audit(options, run);
      run.exitCode = exitCodeOf(answer.data);
      run.show(answer, auditTable);
    });
}

async function audit(options: AuditOptions, run: Run): Promise<Answer<ShownAudit>> {
  const { repair, deleteLost, region, class: classes, reason } = options;
  const chosen = { ...defined({ regions: region, classes }), ...defined({ reason }) };
  const body = { repair, delete_lost: deleteLost, ...chosen };
  // The answer to the request itself has no differences yet.
  const { data } = await run.api().call<Pick<ShownAudit, "id">>({ method: "POST", path: PATH, body });
  for (;;) {
    const answer = await run.api().call<ShownAudit>({ method: "GET", path: `${PATH}/${data.id}` });
    if (answer.data.status !== "running") return answer;
    await run.wait(POLL_MS);
  }
}

function exitCodeOf({ status, differences }: ShownAudit): ExitCode {
  if (status !== "succeeded") return EXIT.incomplete;
  const isOver = (outcome: string) => outcome === "repaired" || outcome === "shown";
  return differences.every(({ outcome }) => isOver(outcome)) ? EXIT.done : EXIT.notAsWished;
}
