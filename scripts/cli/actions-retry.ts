import type { Command } from "commander";
import { type ActionFilter, addFilter, filterOf } from "./action-filter.ts";
import type { Answer } from "./api.ts";
import { EXIT } from "./exit-codes.ts";
import { defined } from "./request-fields.ts";
import type { Run } from "./run.ts";
import { retryTable, type ShownRetry } from "./tables/retries.ts";
import { id, perMinute, reason as reasonOf } from "./words.ts";

const POLL_MS = 500;
const PATH = "/v1/operator/retries";

interface RetryOptions extends ActionFilter {
  /** In a minute. */
  rate?: number;
  reason?: string;
  dryRun?: boolean;
  detach?: boolean;
}

/** `actions retry`: asks for it, and follows it to its end unless it is to be left alone. */
export function addRetry(actions: Command, run: Run): void {
  addFilter(
    actions
      .command("retry")
      .description("runs failed creates again, one or those that match")
      .argument("[id]", "of the action", id),
  )
    .option("--rate <n/m>", "so many a minute or second, such as 30/m or 2/s", perMinute)
    .option("--reason <text>", "why, for the audit log; needed for all but a dry run", reasonOf)
    .option("--dry-run", "tells how many match, and begins none")
    .option("--detach", "does not wait for its end")
    .action(async (action: string | undefined, options: RetryOptions) => {
      const filter = { ...defined({ action_id: action }), ...filterOf(options) };
      if (Object.keys(filter).length === 0) run.refuse("actions retry needs an id or a filter");
      const { rate, dryRun = false, detach = false, reason = dryRun ? "dry run" : undefined } = options;
      if (reason === undefined) run.refuse("actions retry needs --reason");
      const body = { ...filter, ...defined({ per_minute: rate }), reason };
      if (dryRun) return showMatches(body, run);
      const answer = await begin(body, run);
      show(detach ? answer : await follow(answer, run), detach, run);
    });
}

async function showMatches(body: object, run: Run): Promise<void> {
  const path = `${PATH}?dry_run=true`;
  const answer = await run.api().call<{ matched: number }>({ method: "POST", path, body });
  run.show(answer, ({ matched }) => [`${matched} would be tried again`]);
}

async function begin(body: object, run: Run): Promise<Answer<ShownRetry>> {
  const answer = await run.api().call<ShownRetry>({ method: "POST", path: PATH, body });
  run.tell(`${answer.data.id}: ${answer.data.matched} matched`);
  return answer;
}

/** Tells how far it is, until all of it was dealt with. */
async function follow(begun: Answer<ShownRetry>, run: Run): Promise<Answer<ShownRetry>> {
  const path = `${PATH}/${begun.data.id}`;
  let told = 0;
  for (;;) {
    const answer = await run.api().call<ShownRetry>({ method: "GET", path });
    const { status, started, skipped, matched } = answer.data;
    if (started + skipped > told) run.tell(`${started + skipped} of ${matched}`);
    told = started + skipped;
    if (status !== "running") return answer;
    await run.wait(POLL_MS);
  }
}

function show(answer: Answer<ShownRetry>, isDetached: boolean, run: Run): void {
  const { started, matched } = answer.data;
  if (!isDetached && started !== matched) run.exitCode = EXIT.notAsWished;
  run.show(answer, retryTable);
}
