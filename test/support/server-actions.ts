import { expect } from "vitest";
import {
  REBOOT_SERVER_STEPS,
  REBUILD_SERVER_STEPS,
  RESIZE_SERVER_STEPS,
  RESUME_SERVER_STEPS,
  START_SERVER_STEPS,
  STOP_SERVER_STEPS,
  SUSPEND_SERVER_STEPS,
} from "../../src/domain/workflow-contracts.ts";
import { slate } from "./clean-slate.ts";
import type { World } from "./world.ts";

/** How a server is before an action. */
export type ServerState = "running" | "stopped" | "suspended";

/** What can be done to a server that is there, for the tests that are generated from it. */
export interface ServerAction {
  type: string;
  steps: readonly string[];
  /** Its undos, by their activities. */
  undos: string[];
  of: ServerState;
  /** What it makes of the server. */
  leads: object;
  /** What a request of it names besides its type. */
  change?: object;
}

const RUNNING = { status: "active", power_state: "running" };
const STOPPED = { status: "active", power_state: "stopped" };
const SUSPENDED = { status: "suspended", power_state: "stopped" };

const power = { undos: ["restorePower", "reopenAction"] };
const start = { type: "start", steps: START_SERVER_STEPS, ...power, leads: RUNNING };
const stop = { type: "stop", steps: STOP_SERVER_STEPS, ...power, leads: STOPPED };

const resize = {
  type: "resize",
  steps: RESIZE_SERVER_STEPS,
  undos: ["returnCapacity", "restoreSize", "unmarkResized"],
};
const rebuild = {
  type: "rebuild",
  steps: REBUILD_SERVER_STEPS,
  undos: ["restorePower", "bringBackImage", "unmarkRebuilt"],
};

export const SERVER_ACTIONS: ServerAction[] = [
  { ...start, of: "stopped" },
  { ...start, of: "running" },
  { ...stop, of: "running" },
  { ...stop, of: "stopped" },
  { type: "reboot", steps: REBOOT_SERVER_STEPS, ...power, of: "running", leads: RUNNING },
  { type: "reboot", steps: REBOOT_SERVER_STEPS, ...power, of: "stopped", leads: RUNNING },
  {
    type: "suspend",
    steps: SUSPEND_SERVER_STEPS,
    undos: ["restorePower", "unmarkSuspended"],
    of: "running",
    leads: SUSPENDED,
  },
  {
    type: "resume",
    steps: RESUME_SERVER_STEPS,
    undos: ["restorePower", "unmarkActive"],
    of: "suspended",
    leads: RUNNING,
  },
  { ...resize, of: "running", change: { plan: "pro" }, leads: { ...RUNNING, plan: "pro" } },
  { ...resize, of: "stopped", change: { plan: "pro" }, leads: { ...STOPPED, plan: "pro" } },
  { ...rebuild, of: "running", change: { image: "debian-12" }, leads: { ...RUNNING, image: "debian-12" } },
  { ...rebuild, of: "stopped", change: {}, leads: { ...RUNNING, image: "ubuntu-22.04" } },
];

export function nameOfAction({ type, of }: ServerAction): string {
  return `${type}-of-${of}`;
}

/** How to ask for it; answers with the action's id. */
export async function beginOnServer(world: World, id: string, { type, change }: ServerAction): Promise<string> {
  const { status, body } = await world.api.actOnServer(id, type, change);
  expect(status, JSON.stringify(body)).toBe(202);
  return body.data.id;
}

export async function actOnServerAndWait(world: World, id: string, type: string, change: object = {}): Promise<void> {
  const { body } = await world.api.actOnServer(id, type, change);
  expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
}

export async function makeServer(world: World, name: string, state: ServerState = "running"): Promise<string> {
  const { status, body } = await world.api.createServer(name);
  expect(status).toBe(201);
  expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
  if (state === "stopped") await actOnServerAndWait(world, body.data.id, "stop");
  if (state === "suspended") await actOnServerAndWait(world, body.data.id, "suspend");
  return body.data.id;
}

interface ShownInstance {
  name: string;
  status: string;
  config: Record<string, string>;
  devices: Record<string, Record<string, string>>;
}

/** All there is of a server but its history: what a failed action has to leave as it was. */
export async function serverStateOf(world: World, id: string) {
  const { updated_at: _, action_id: __, error: ___, ...shown } = await shownServer(world, id);
  const { instances, ...rest } = await slate(world);
  return {
    shown,
    instances: (instances as ShownInstance[]).map(({ name, status, config, devices }) => ({
      ...{ name, status, root: devices["root"] },
      limits: Object.entries(config).filter(([key]) => key.startsWith("limits.")),
      image: config["volatile.base_image"],
    })),
    ...rest,
  };
}

export async function shownServer(world: World, id: string): Promise<Record<string, unknown>> {
  return (await world.api.get(`/v1/servers/${id}`)).body.data as unknown as Record<string, unknown>;
}
