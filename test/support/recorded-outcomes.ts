import { activityOfStep } from "./activity-faults.ts";
import { DATABASE_ACTIONS, type DatabaseAction, makeDatabase } from "./database-actions.ts";
import { beginOnServer, makeServer, SERVER_ACTIONS, type ServerAction } from "./server-actions.ts";
import { DATABASE, SERVER, type Subject, workflowIdOf } from "./subjects.ts";
import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

export const HISTORIES_FOLDER = "test/histories";

/** Makes one outcome in a world; returns the id of the workflow that had it. `failAt` names the activity that fails from now on. */
type MakeOutcome = (world: World, failAt: (activity: string) => void) => Promise<string>;
type Outcome = [name: string, make: MakeOutcome];

/** Every outcome whose history is kept, by the name of its file. */
export const OUTCOMES: Outcome[] = [
  ...lifeOf(SERVER, ["allocate_ip_address", "create_instance", "wait_for_ssh"]),
  ...lifeOf(DATABASE, ["issue_certificate", "create_instance", "set_up_engine", "verify_engine"]),
  ...DATABASE_ACTIONS.flatMap((action) => outcomesOf(databaseRun(action))),
  // The first of each type: how it was found changes nothing about the workflow.
  ...SERVER_ACTIONS.filter(({ type }, index) => index === SERVER_ACTIONS.findIndex((one) => one.type === type)).flatMap(
    (action) => outcomesOf(serverRun(action)),
  ),
];

function lifeOf(subject: Subject, failingSteps: string[]): Outcome[] {
  const { kind } = subject;
  return [
    [`create-${kind}-succeeded`, (world) => create(world, subject)],
    ...failingSteps.map(
      (step): Outcome => [
        `create-${kind}-failed-at-${step.replaceAll("_", "-")}`,
        (world, failAt) => {
          failAt(activityOfStep(step));
          return create(world, subject);
        },
      ],
    ),
    [`create-${kind}-cancelled`, (world) => cancel(world, subject)],
    [`delete-${kind}-succeeded`, async (world) => remove(world, subject, await create(world, subject))],
    [
      `delete-${kind}-failed`,
      async (world, failAt) => {
        const created = await create(world, subject);
        failAt("deleteInstance");
        return remove(world, subject, created);
      },
    ],
  ];
}

/** What is done to make an outcome: a resource, and then the action on it. */
interface ActionOutcome {
  kind: "server" | "database";
  type: string;
  steps: readonly string[];
  make: (world: World) => Promise<string>;
  begin: (world: World, id: string) => Promise<string>;
}

function databaseRun({ type, steps, ofSuspended, begin }: DatabaseAction): ActionOutcome {
  const make = async (world: World) => {
    await world.enginesOffered();
    return makeDatabase(world, "recorded", ofSuspended);
  };
  return { kind: "database", type, steps, make, begin };
}

function serverRun(action: ServerAction): ActionOutcome {
  const make = (world: World) => makeServer(world, "recorded", action.of);
  return { kind: "server", ...action, make, begin: (world, id) => beginOnServer(world, id, action) };
}

/** An action that succeeds, and one that fails in its last step before the end, so that all its undos run. */
function outcomesOf({ kind, type, steps, make, begin }: ActionOutcome): Outcome[] {
  const run = async (world: World, failAt: () => void) => {
    const id = await make(world);
    failAt();
    await world.api.actionEnd(await begin(world, id));
    return workflowIdOf(kind === "server" ? SERVER : DATABASE, type, id);
  };
  const name = `${type.replaceAll("_", "-")}-${kind}`;
  const step = steps.at(-2) ?? "";
  return [
    [`${name}-succeeded`, (world) => run(world, () => undefined)],
    [
      `${name}-failed-at-${step.replaceAll("_", "-")}`,
      (world, failAt) => run(world, () => failAt(activityOfStep(step))),
    ],
  ];
}

async function create(world: World, subject: Subject): Promise<string> {
  const accept = await subject.prepare(world);
  const { body } = await accept("recorded");
  await world.api.actionEnd(body.data.action_id);
  return workflowIdOf(subject, "create", body.data.id);
}

async function cancel(world: World, subject: Subject): Promise<string> {
  const accept = await subject.prepare(world);
  const hold = await world.simulator.addFault({
    match: { method: "PUT", path: "/1.0/instances/*/state" },
    kind: "hold_before",
    count: 1,
  });
  const { body } = await accept("cancelled");
  await waitUntil("the start is held", () => world.simulator.isHolding(hold));
  const deletion = await world.api.call("DELETE", `${subject.path}/${body.data.id}`);
  await world.api.actionEnd(body.data.action_id);
  await world.simulator.clearFaults();
  await world.api.actionEnd(deletion.body.data.id);
  return workflowIdOf(subject, "create", body.data.id);
}

async function remove(world: World, subject: Subject, createId: string): Promise<string> {
  const id = createId.split("/")[1]!;
  await world.api.actionEnd((await world.api.call("DELETE", `${subject.path}/${id}`)).body.data.id);
  return workflowIdOf(subject, "delete", id);
}
