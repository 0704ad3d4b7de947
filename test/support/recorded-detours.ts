import { workflowTaskQueue } from "../../src/domain/task-queues.ts";
import { type ActionInput, workflowOf } from "../../src/domain/workflow-contracts.ts";
import { openGatesWorkflowId, retryWorkflowId } from "../../src/domain/workflow-ids.ts";
import { dashed } from "./recorded-lives.ts";
import type { Outcome } from "./recorded-outcomes.ts";
import type { Stage } from "./recording-stage.ts";
import { DATABASE, SERVER, type Subject, workflowIdOf } from "./subjects.ts";

/** What comes between the beginning of a create and its end: a gate, and the loss of its workflow; and what operators start for many of them. */
export function recordedDetours(): Outcome[] {
  return [
    ...[SERVER, DATABASE].flatMap((subject) => [
      ...["create_instance", "wait_for_ssh", "verify_engine"]
        .filter((step) => subject.createSteps.includes(step))
        .map(
          (step): Outcome => [`create-${subject.kind}-held-at-${dashed(step)}`, (stage) => wait(stage, subject, step)],
        ),
      [`create-${subject.kind}-cancelled-at-its-gate`, (stage) => cancelAtGate(stage, subject)] satisfies Outcome,
      [`create-${subject.kind}-lost-and-succeeded`, (stage) => lose(stage, subject, [])] satisfies Outcome,
      [
        `create-${subject.kind}-lost-and-failed`,
        (stage) => lose(stage, subject, ["create_instance"]),
      ] satisfies Outcome,
    ]),
    ["open-gates-succeeded", openGates],
    ["retry-of-creates-succeeded", retryCreates],
  ];
}

/** A create that has come to its gate. */
async function createHeld({ world, operator, newName }: Stage, subject: Subject, step: string) {
  const accept = await subject.prepare(world);
  const hold = await operator.hold({ step });
  const { id, action_id: actionId } = (await accept(newName())).body.data;
  await operator.waitsFor(hold, actionId);
  return { hold, id, actionId };
}

/** Held, released, and gone on. */
async function wait(stage: Stage, subject: Subject, step: string): Promise<string> {
  const { hold, id, actionId } = await createHeld(stage, subject, step);
  await stage.operator.release(hold);
  await stage.world.api.actionEnd(actionId);
  return workflowIdOf(subject, "create", id);
}

async function cancelAtGate(stage: Stage, subject: Subject): Promise<string> {
  const { hold, id, actionId } = await createHeld(stage, subject, "start_instance");
  await stage.world.api.call("POST", `/v1/actions/${actionId}/cancel`);
  await stage.world.api.actionEnd(actionId);
  await stage.operator.release(hold);
  return workflowIdOf(subject, "create", id);
}

/** Its workflow is lost in the middle; the one that follows finds what is there, and succeeds or fails. */
async function lose(stage: Stage, subject: Subject, failing: string[]): Promise<string> {
  const { world, held, newName } = stage;
  const accept = await subject.prepare(world);
  held.hold("start_instance");
  const { id, action_id: actionId } = (await accept(newName())).body.data;
  await held.waitUntilHeld();
  await world.temporal.workflow.getHandle(workflowIdOf(subject, "create", id)).terminate("recorded");
  held.stopHolding();
  held.release();
  stage.fail(...failing);
  const [action] = await world.sql<{ account_id: string; region: string; request_id: string }>(
    "SELECT account_id, region, request_id FROM actions WHERE id = $1",
    [actionId],
  );
  const input: ActionInput = {
    ...{ resourceId: id, resourceKind: subject.kind, actionId, isAgain: true },
    ...{ accountId: action!.account_id, region: action!.region, requestId: action!.request_id },
  };
  const again = await world.temporal.workflow.start(workflowOf(subject.kind, "create").workflowType, {
    taskQueue: workflowTaskQueue(world.config.temporal.taskQueuePrefix),
    workflowId: `${workflowIdOf(subject, "create", id)}-again`,
    args: [input],
  });
  await world.api.actionEnd(actionId);
  return again.workflowId;
}

async function openGates(stage: Stage): Promise<string> {
  const { hold, actionId } = await createHeld(stage, SERVER, "start_instance");
  await stage.operator.release(hold);
  await stage.world.api.actionEnd(actionId);
  return openGatesWorkflowId(hold);
}

async function retryCreates(stage: Stage): Promise<string> {
  const { world, operator, newName } = stage;
  stage.fail("create_instance");
  for (let count = 0; count < 2; count++) {
    const { action_id: actionId } = (await world.api.createServer(newName())).body.data;
    await world.api.actionEnd(actionId);
  }
  stage.clear();
  const retry = await operator.retry({ step: "create_instance", resource_type: "server", per_minute: 60 });
  await operator.retryEnd(retry);
  return retryWorkflowId(retry);
}
