/** As the SDK counts workflow tasks that failed, with the reason as a label. A series begins with the first failure, which no rate sees. */
const FAILED = /^temporal_workflow_task_execution_failed_total\{(?<labels>[^}]*)\} (?<count>\S+)/gm;
const REASON = /(?:^|,)failure_reason="(?<reason>[^"]*)"/;

/** The SDK's reasons, in our words. */
const REASONS = new Map([
  ["NonDeterminismError", "nondeterminism"],
  ["WorkflowError", "error"],
  ["GrpcMessageTooLarge", "too_large"],
]);

const NAME = "cloudnexus_workflow_task_failures_total";

/**
 * What `sdkMetrics`, in Prometheus' format, say of workflow tasks that failed, as a metric that is there from the start: their workflows stand still until a build comes that can
 * carry them on.
 */
export function taskFailureMetrics(sdkMetrics: string): string {
  const counts = new Map<string, number>([...REASONS.values()].map((reason) => [reason, 0]));
  for (const { groups } of sdkMetrics.matchAll(FAILED)) {
    const name = REASON.exec(groups?.["labels"] ?? "")?.groups?.["reason"] ?? "";
    const reason = REASONS.get(name) ?? "other";
    counts.set(reason, (counts.get(reason) ?? 0) + Number(groups?.["count"] ?? 0));
  }
  return [
    `# HELP ${NAME} Workflow tasks that failed: a bug in a workflow, or a change that needs a patch. Their workflows stand still`,
    `# TYPE ${NAME} counter`,
    ...[...counts].map(([reason, count]) => `${NAME}{reason="${reason}"} ${count}`),
    "",
  ].join("\n");
}
