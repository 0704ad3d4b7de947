import type { Outcome } from "./recorded-outcomes.ts";
import type { Stage } from "./recording-stage.ts";
import { type Subject, workflowIdOf } from "./subjects.ts";
import type { World } from "./world.ts";

/** The last effect of a create that an undo of its own belongs to. */
const UNDONE_LAST = "delete_instance";

/** The outcomes of creates and deletes. */
export function recordedLives(subject: Subject): Outcome[] {
  const { kind, createSteps, deleteSteps } = subject;
  const lastLook = createSteps.at(-2) ?? "";
  const failsIn = (type: "create" | "delete", step: string, make: (stage: Stage) => Promise<string>): Outcome => [
    `${type}-${kind}-failed-at-${dashed(step)}`,
    make,
  ];
  return [
    [`create-${kind}-succeeded`, (stage) => create(stage, subject)],
    ...createSteps.map((step) =>
      failsIn("create", step, (stage) => {
        stage.fail(step);
        return create(stage, subject);
      }),
    ),
    ...createSteps
      .slice(1, -1)
      .map((step): Outcome => [`create-${kind}-cancelled-in-${dashed(step)}`, (stage) => cancel(stage, subject, step)]),
    ...["reserve_capacity", "create_instance"].map(
      (step): Outcome => [
        `create-${kind}-tried-${dashed(step)}-again`,
        (stage) => {
          stage.stumble(step);
          return create(stage, subject);
        },
      ],
    ),
    [
      `create-${kind}-failed-with-its-undo`,
      (stage) => {
        stage.fail(lastLook, UNDONE_LAST);
        return create(stage, subject);
      },
    ],
    [`create-${kind}-out-of-time`, (stage) => outOfTime(stage, subject, "create")],
    [`create-${kind}-retried`, (stage) => retry(stage, subject, lastLook)],
    [`create-${kind}-deleted`, (stage) => deleteDuring(stage, subject, "create")],
    [`delete-${kind}-succeeded`, async (stage) => remove(stage, subject, await create(stage, subject))],
    ...deleteSteps.map((step) =>
      failsIn("delete", step, async (stage) => {
        const created = await create(stage, subject);
        stage.fail(step);
        return remove(stage, subject, created);
      }),
    ),
    [`delete-${kind}-out-of-time`, (stage) => outOfTime(stage, subject, "delete")],
    [`delete-${kind}-during-create`, (stage) => deleteDuring(stage, subject, "delete")],
    [`delete-${kind}-once-more`, (stage) => removeOnceMore(stage, subject)],
  ];
}

async function create({ world, newName }: Stage, subject: Subject): Promise<string> {
  const accept = await subject.prepare(world);
  const { body } = await accept(newName());
  await world.api.actionEnd(body.data.action_id);
  return workflowIdOf(subject, "create", body.data.id);
}

/** Cancelled by hand, in the middle of a step. */
async function cancel({ world, held, newName }: Stage, subject: Subject, step: string): Promise<string> {
  const accept = await subject.prepare(world);
  held.hold(step);
  const { id, action_id: actionId } = (await accept(newName())).body.data;
  await held.waitUntilHeld();
  await world.api.call("POST", `/v1/actions/${actionId}/cancel`);
  if (subject.localSteps.includes(step)) held.release();
  held.stopHolding();
  await world.api.actionEnd(actionId);
  return workflowIdOf(subject, "create", id);
}

/** The create once more, after it has failed. */
async function retry(stage: Stage, subject: Subject, failedStep: string): Promise<string> {
  const { world } = stage;
  stage.fail(failedStep);
  const id = resourceOf(await create(stage, subject));
  stage.clear();
  const { body } = await world.api.call("POST", `${subject.path}/${id}/actions`, { type: "retry" });
  await world.api.actionEnd(body.data.id);
  return workflowIdOf(subject, "create", id, 2);
}

/** A DELETE that comes in the middle of the create: each of them is an outcome. */
async function deleteDuring(
  { world, held, newName }: Stage,
  subject: Subject,
  of: "create" | "delete",
): Promise<string> {
  const accept = await subject.prepare(world);
  held.hold("start_instance");
  const { id, action_id: actionId } = (await accept(newName())).body.data;
  await held.waitUntilHeld();
  const deletion = await world.api.call("DELETE", `${subject.path}/${id}`);
  held.stopHolding();
  await world.api.actionEnd(actionId);
  await world.api.actionEnd(deletion.body.data.id);
  return workflowIdOf(subject, of, id);
}

/** It hangs in the middle, up to its deadline. */
async function outOfTime(stage: Stage, subject: Subject, type: "create" | "delete"): Promise<string> {
  const created = type === "delete" ? await create(stage, subject) : "";
  stage.hurry(type);
  stage.held.hold(type === "create" ? "start_instance" : "stop_instance");
  return type === "create" ? create(stage, subject) : remove(stage, subject, created);
}

async function removeOnceMore(stage: Stage, subject: Subject): Promise<string> {
  const created = await create(stage, subject);
  stage.fail("delete_instance");
  await remove(stage, subject, created);
  stage.clear();
  await remove(stage, subject, created);
  return workflowIdOf(subject, "delete", resourceOf(created), 2);
}

async function remove({ world }: { world: World }, subject: Subject, createId: string): Promise<string> {
  const id = resourceOf(createId);
  await world.api.actionEnd((await world.api.call("DELETE", `${subject.path}/${id}`)).body.data.id);
  return workflowIdOf(subject, "delete", id);
}

/** The resource that a workflow is about. */
function resourceOf(workflowId: string): string {
  return workflowId.split("/")[1]!;
}

export function dashed(step: string): string {
  return step.replaceAll("_", "-");
}
