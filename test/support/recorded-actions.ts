import { DATABASE_ACTIONS, makeDatabase } from "./database-actions.ts";
import { dashed } from "./recorded-lives.ts";
import type { Outcome } from "./recorded-outcomes.ts";
import type { Stage } from "./recording-stage.ts";
import { beginOnServer, makeServer, SERVER_ACTIONS } from "./server-actions.ts";
import { DATABASE, SERVER, type Subject, workflowIdOf } from "./subjects.ts";

/** An action on a resource that is there. */
interface RecordedAction {
  subject: Subject;
  type: string;
  steps: readonly string[];
  /** By their activities. */
  undos: string[];
  make: (stage: Stage) => Promise<string>;
  begin: (stage: Stage, id: string) => Promise<string>;
}

/** The first of each type: how the server was found changes nothing about the workflow. */
export function recordedServerActions(): Outcome[] {
  return SERVER_ACTIONS.filter(
    ({ type }, index) => index === SERVER_ACTIONS.findIndex((one) => one.type === type),
  ).flatMap((action) =>
    outcomesOf({
      ...action,
      subject: SERVER,
      make: ({ world, newName }) => makeServer(world, newName(), action.of),
      begin: ({ world }, id) => beginOnServer(world, id, action),
    }),
  );
}

export function recordedDatabaseActions(): Outcome[] {
  return DATABASE_ACTIONS.flatMap((action) =>
    outcomesOf({
      ...action,
      subject: DATABASE,
      async make({ world, newName }) {
        await world.enginesOffered();
        return makeDatabase(world, newName(), action.ofSuspended);
      },
      begin: ({ world }, id) => action.begin(world, id),
    }),
  );
}

function outcomesOf(action: RecordedAction): Outcome[] {
  const { subject, type, steps, undos } = action;
  const name = `${dashed(type)}-${subject.kind}`;
  /** The last one before the end: all undos run after it. */
  const lastEffect = steps.at(-2) ?? "";
  const run = async (stage: Stage, prepare: () => void): Promise<string> => {
    const id = await action.make(stage);
    prepare();
    await stage.world.api.actionEnd(await action.begin(stage, id));
    return workflowIdOf(subject, type, id);
  };
  return [
    [`${name}-succeeded`, (stage) => run(stage, () => undefined)],
    ...steps.map(
      (step): Outcome => [`${name}-failed-at-${dashed(step)}`, (stage) => run(stage, () => stage.fail(step))],
    ),
    [`${name}-failed-with-its-undo`, (stage) => run(stage, () => stage.fail(lastEffect, undos[0] ?? ""))],
    [
      `${name}-out-of-time`,
      (stage) =>
        run(stage, () => {
          stage.hurry(type);
          stage.held.hold(lastEffect);
        }),
    ],
    [`${name}-deleted-in-${dashed(lastEffect)}`, (stage) => deleteDuring(stage, action, lastEffect)],
  ];
}

/** A DELETE cancels every action. */
async function deleteDuring(stage: Stage, action: RecordedAction, step: string): Promise<string> {
  const { world, held } = stage;
  const { subject, type } = action;
  const id = await action.make(stage);
  held.hold(step);
  const actionId = await action.begin(stage, id);
  await held.waitUntilHeld();
  const deletion = await world.api.call("DELETE", `${subject.path}/${id}`);
  held.stopHolding();
  await world.api.actionEnd(actionId);
  await world.api.actionEnd(deletion.body.data.id);
  return workflowIdOf(subject, type, id);
}
