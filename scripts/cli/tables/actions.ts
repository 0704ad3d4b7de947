import { stepInWords } from "../../../src/domain/activity-names.ts";
import { ageOf, table } from "./columns.ts";

interface ShownStep {
  name: string;
  status: string;
  attempt: number;
  message: string | null;
}

interface PendingStep {
  activity: string;
  attempt: number;
  next_attempt_at: string | null;
  progress: string | null;
  last_failure: { code: string; message: string } | null;
}

/** An action as the operator API shows it, as far as it is told here. */
export interface ShownAction {
  id: string;
  type: string;
  status: string;
  resource: { type: string; id: string };
  account_id: string;
  account_name?: string;
  region: string;
  step: string | null;
  steps: ShownStep[];
  error: { code: string; message: string; step: string | null } | null;
  leftovers: string[];
  workflow_id: string;
  pending?: PendingStep[] | null;
  request_id: string;
  waits_for: { hold_id: string; step: string; reason: string; since: string } | null;
  created_at: string;
  ended_at: string | null;
}

/** A line an action. */
export function actionTable(actions: ShownAction[], total: number): string[] {
  const rows = actions.map((action) => [
    ...[action.id, action.type, action.resource.id, action.account_id, action.region],
    ...[
      action.waits_for ? "held" : action.status,
      action.step ?? "",
      action.error?.code ?? "",
      ageOf(action.created_at),
    ],
  ]);
  const headings = ["ID", "TYPE", "RESOURCE", "ACCOUNT", "REGION", "STATUS", "STEP", "ERROR", "AGE"];
  const lines = rows.length === 0 ? [] : table([headings, ...rows]);
  return [...lines, `${rows.length} of ${total >= 1_000 ? "1000 or more" : total}`];
}

/** All there is to know of one, a line each, and a line a step. */
export function actionLines(action: ShownAction): string[] {
  const { error, waits_for: wait, leftovers } = action;
  const facts = [
    ["action", `${action.id}, ${action.type}, ${action.status}`],
    ["resource", `${action.resource.type} ${action.resource.id} in ${action.region}`],
    ["account", `${action.account_id} ${action.account_name ?? ""}`],
    ["workflow", action.workflow_id],
    ["request", action.request_id],
    ["began", `${action.created_at} (${ageOf(action.created_at)} ago)`],
    ...(action.ended_at === null ? [] : [["ended", action.ended_at]]),
    ...(error ? [["error", `${error.code}: ${error.message}`]] : []),
    ...(leftovers.length > 0 ? [["left over", leftovers.join(", ")]] : []),
    ...(wait ? [["held", `before ${wait.step} since ${wait.since}: ${wait.reason} (${wait.hold_id})`]] : []),
  ];
  const pending = action.pending === null ? ["Temporal does not answer"] : (action.pending ?? []).map(pendingText);
  for (const text of pending) facts.push(["now", text]);
  const steps = action.steps.map(({ name, status, attempt, message }) => [
    ...[`  ${name}`, status, attempt > 1 ? `attempt ${attempt}` : "", message ?? ""],
  ]);
  return [...table(facts), "steps", ...table(steps)];
}

/** `create instance, attempt 3, next try in 8 s: infrastructure_unavailable: …`; `wait for SSH, attempt 1, asks whether it answers, try 12: nothing answers` */
function pendingText({
  activity,
  attempt,
  next_attempt_at: next,
  progress,
  last_failure: failure,
}: PendingStep): string {
  const until =
    next === null ? "" : `, next try in ${Math.max(0, Math.ceil((Date.parse(next) - Date.now()) / 1000))} s`;
  const now = progress === null ? "" : `, ${progress}`;
  const why = failure === null ? "" : `${failure.code}: ${failure.message}`;
  const before = why === "" ? "" : progress === null ? `: ${why}` : ` (before: ${why})`;
  return `${stepInWords(activity)}, attempt ${attempt}${until}${now}${before}`;
}

/** A step that has something to tell; null: it has not begun. */
export function stepLine({ name, status, attempt, message }: ShownStep, wait: ShownAction["waits_for"]): string | null {
  if (wait?.step === name && status !== "succeeded") return `${name} is held: ${wait.reason} (${wait.hold_id})`;
  if (status === "pending") return null;
  return `${name} ${status}${attempt > 1 ? `, attempt ${attempt}` : ""}${message === null ? "" : `: ${message}`}`;
}

/** How it ended. */
export function endOf({ id, status, error }: ShownAction): string {
  return `${id} ${status}${error ? `: ${error.code}${error.step === null ? "" : ` in ${error.step}`}` : ""}`;
}
