import { ENDING_STEPS, workflowOf } from "../../src/domain/workflow-contracts.ts";
import { DATABASE_ACTIONS, makeDatabase } from "./database-actions.ts";
import type { HeldActions } from "./held-actions.ts";
import { beginOnServer, makeServer, nameOfAction, SERVER_ACTIONS } from "./server-actions.ts";
import { DATABASE, SERVER, type Subject } from "./subjects.ts";
import type { World } from "./world.ts";

/** A step of an action's workflow, in which something happens to the action. */
export interface StepCell {
  name: string;
  step: string;
  /** Starts the action, held after the step; answers what it works on and its action's id. */
  begin(world: World, held: HeldActions): Promise<{ id: string; actionId: string }>;
}

/** Ends that a customer can live with: begun anew after its password was stored, a rotation makes another, which the engine is not given, since the request of that name was done. */
export const MAY_FAIL = new Set(["rotate_credentials"]);

const beforeTheEnd = (steps: readonly string[]) => steps.filter((step) => !ENDING_STEPS.has(step));

let made = 0;
const newName = () => `step-${++made}`;

/** Every step of every action's workflow, but for those that end the action. */
export const EVERY_STEP: readonly StepCell[] = [
  ...[SERVER, DATABASE].flatMap((subject) => [...createCells(subject), ...deleteCells(subject)]),
  ...SERVER_ACTIONS.flatMap((action) =>
    beforeTheEnd(action.steps).map((step) => ({
      ...{ name: nameOfAction(action), step },
      async begin(world: World, held: HeldActions) {
        const id = await makeServer(world, newName(), action.of);
        held.holdAfter(step, id);
        return { id, actionId: await beginOnServer(world, id, action) };
      },
    })),
  ),
  ...DATABASE_ACTIONS.flatMap((action) =>
    beforeTheEnd(action.steps).map((step) => ({
      ...{ name: action.type, step },
      async begin(world: World, held: HeldActions) {
        const id = await makeDatabase(world, newName(), action.ofSuspended);
        held.holdAfter(step, id);
        return { id, actionId: await action.begin(world, id) };
      },
    })),
  ),
];

function createCells(subject: Subject): StepCell[] {
  return beforeTheEnd(subject.createSteps).map((step) => ({
    ...{ name: `create ${subject.kind}`, step },
    async begin(world, held) {
      const create = await subject.prepare(world);
      held.holdNext(step, workflowOf(subject.kind, "create").workflowType);
      const { body } = await create(newName());
      return { id: body.data.id, actionId: body.data.action_id };
    },
  }));
}

function deleteCells(subject: Subject): StepCell[] {
  return beforeTheEnd(subject.deleteSteps).map((step) => ({
    ...{ name: `delete ${subject.kind}`, step },
    async begin(world, held) {
      const { body } = await (await subject.prepare(world))(newName());
      await world.api.actionEnd(body.data.action_id);
      held.holdAfter(step, body.data.id);
      const deletion = await world.api.call("DELETE", `${subject.path}/${body.data.id}`);
      return { id: body.data.id, actionId: deletion.body.data.id };
    },
  }));
}
