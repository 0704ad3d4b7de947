import { expect } from "vitest";
import {
  RESTART_DATABASE_STEPS,
  RESUME_DATABASE_STEPS,
  ROTATE_CREDENTIALS_STEPS,
  SUSPEND_DATABASE_STEPS,
  UPDATE_TRUSTED_SOURCES_STEPS,
} from "../../src/domain/workflow-contracts.ts";
import { createSandboxProbe } from "../../src/drivers/probe/sandbox-probe.ts";
import type { Credentials } from "./api-client.ts";
import { slate } from "./clean-slate.ts";
import type { World } from "./world.ts";

/** What can be done to a database that is there, for the tests that are generated from it. */
export interface DatabaseAction {
  type: string;
  steps: readonly string[];
  /** Its undos, by their activities. */
  undos: string[];
  /** Whether the database is suspended before it. */
  ofSuspended: boolean;
  /** Asks for it; answers with the action's id. */
  begin(world: World, id: string): Promise<string>;
}

const ask = (type: string) => async (world: World, id: string) =>
  (await world.api.actOnDatabase(id, type)).body.data.id;

let changes = 0;

export const DATABASE_ACTIONS: DatabaseAction[] = [
  {
    type: "restart",
    steps: RESTART_DATABASE_STEPS,
    undos: ["bootInstance", "unmarkActive"],
    ofSuspended: false,
    begin: ask("restart"),
  },
  {
    type: "suspend",
    steps: SUSPEND_DATABASE_STEPS,
    undos: ["bootInstance", "unmarkSuspended"],
    ofSuspended: false,
    begin: ask("suspend"),
  },
  {
    type: "resume",
    steps: RESUME_DATABASE_STEPS,
    undos: ["stopInstance", "unmarkActive"],
    ofSuspended: true,
    begin: ask("resume"),
  },
  {
    type: "rotate_credentials",
    steps: ROTATE_CREDENTIALS_STEPS,
    undos: ["discardPassword", "removePassword", "restorePassword", "returnPassword", "unmarkActive"],
    ofSuspended: false,
    begin: ask("rotate_credentials"),
  },
  {
    type: "update_trusted_sources",
    steps: UPDATE_TRUSTED_SOURCES_STEPS,
    undos: ["takeBackTrustedSources", "restoreAccess", "restoreTrustedSources", "unmarkActive"],
    ofSuspended: false,
    async begin(world, id) {
      const sources = { trusted_sources: [`203.0.113.${++changes}/32`] };
      return (await world.api.call("PATCH", `/v1/databases/${id}`, sources)).body.data.action_id;
    },
  },
];

/** An active database, or a suspended one. */
export async function makeDatabase(world: World, name: string, isSuspended: boolean): Promise<string> {
  const { status, body } = await world.api.createDatabase(name);
  expect(status).toBe(201);
  expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
  if (isSuspended) await actAndWait(world, body.data.id, "suspend");
  return body.data.id;
}

export async function actAndWait(world: World, id: string, type: string): Promise<void> {
  const { body } = await world.api.actOnDatabase(id, type);
  expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
}

/** Whether a client gets in with this login. */
export async function logsIn(world: World, login: Credentials): Promise<boolean> {
  const target = { ...login, engine: "postgresql" as const, ca: login.ca_certificate };
  const wait = { timeoutMs: 2_000, signal: new AbortController().signal, onAttempt: () => undefined };
  return createSandboxProbe(world.simulator.socket)
    .queryEngine(target, wait)
    .then(
      () => true,
      () => false,
    );
}

/** All there is of a database but its history: what a failed action has to leave as it was. */
export async function stateOf(world: World, id: string) {
  const { status, power_state, trusted_sources } = (await world.api.get(`/v1/databases/${id}`)).body
    .data as unknown as Record<string, unknown>;
  const login = await world.api.credentials(id);
  const { instances, ...rest } = await slate(world);
  return {
    shown: { status, power_state, trusted_sources },
    login,
    logsIn: await logsIn(world, login),
    instances: (instances as { name: string; status: string }[]).map(({ name, status }) => ({ name, status })),
    ...rest,
  };
}
