import { activityOfStep } from "./activity-faults.ts";
import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

export const HISTORIES_FOLDER = "test/histories";

/** Makes one outcome in a world; returns the id of the workflow that had it. `failAt` names the activity that fails from now on. */
type MakeOutcome = (world: World, sshKeyId: string, failAt: (activity: string) => void) => Promise<string>;

/** Every outcome whose history is kept, by the name of its file. */
export const OUTCOMES: [name: string, make: MakeOutcome][] = [
  ["create-succeeded", (world, key) => create(world, key)],
  ...["allocate_ip_address", "create_instance", "wait_for_ssh"].map((step): [string, MakeOutcome] => [
    `create-failed-at-${step.replaceAll("_", "-")}`,
    (world, key, failAt) => {
      failAt(activityOfStep(step));
      return create(world, key);
    },
  ]),
  [
    "create-cancelled",
    async (world, key) => {
      const hold = await world.simulator.addFault({
        match: { method: "PUT", path: "/1.0/instances/*/state" },
        kind: "hold_before",
        count: 1,
      });
      const { body } = await world.api.createServer("cancelled", { ssh_keys: [key] });
      await waitUntil("the start is held", () => world.simulator.isHolding(hold));
      const deletion = await world.api.deleteServer(body.data.id);
      await world.api.actionEnd(body.data.action_id);
      await world.simulator.clearFaults();
      await world.api.actionEnd(deletion.body.data.id);
      return `create-server/${body.data.id}/1`;
    },
  ],
  ["delete-succeeded", async (world, key) => remove(world, await create(world, key))],
  [
    "delete-failed",
    async (world, key, failAt) => {
      const created = await create(world, key);
      failAt("deleteInstance");
      return remove(world, created);
    },
  ],
];

let names = 0;

async function create(world: World, sshKeyId: string): Promise<string> {
  const { body } = await world.api.createServer(`recorded-${++names}`, { ssh_keys: [sshKeyId] });
  await world.api.actionEnd(body.data.action_id);
  return `create-server/${body.data.id}/1`;
}

async function remove(world: World, createId: string): Promise<string> {
  const serverId = createId.split("/")[1]!;
  await world.api.actionEnd((await world.api.deleteServer(serverId)).body.data.id);
  return `delete-server/${serverId}/1`;
}
