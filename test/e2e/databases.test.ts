import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeServerTls } from "../../scripts/platform/engines/certificates.ts";
import type { Credentials } from "../support/api-client.ts";
import { notesIn } from "../support/database-notes.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import { foreignNotesIn } from "../support/foreign-notes.ts";
import { forwardPort } from "../support/forwarded-port.ts";
import { GuestWatch } from "../support/guest-watch.ts";
import type { TestProcess } from "../support/processes.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { waitUntil } from "../support/wait.ts";

const PLAN = { memoryMib: 1024, diskGib: 4 };

/** What is asked for, what must run, and the share of the plan's memory that the engine takes for its data (null: it cannot be asked). */
const ENGINES = [
  { engine: "postgresql", version: "15.4", runs: /^15\./, memoryShare: 0.25 },
  { engine: "postgresql", version: "17", runs: /^17\./, memoryShare: 0.25 },
  { engine: "postgresql", version: "18", runs: /^18\./, memoryShare: 0.25 },
  { engine: "mysql", version: "9", runs: /^9\./, memoryShare: 0.5 },
  { engine: "redis", version: "7", runs: /^7\./, memoryShare: 0.75 },
  { engine: "redis", version: "8", runs: /^8\./, memoryShare: 0.75 },
  { engine: "mongodb", version: "7.0", runs: /^7\.0\./, memoryShare: null },
] as const;

let world: RealWorld;
let worker: TestProcess;
let before: Awaited<ReturnType<RealWorld["inventory"]>>;

beforeAll(async () => {
  world = await createRealWorld();
  worker = await world.startWorker();
  await world.enginesOffered();
});
beforeEach(async () => {
  before = await world.inventory();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") {
    for (const database of await world.api.list("/v1/databases?per_page=100")) await remove(database.id);
  }
  expect(await world.inventory()).toEqual(before);
});
afterAll(() => world.close());

async function create(name: string, engine: string, version: string) {
  const body = { name, engine, version, plan: "standard", region: "us-east-1" };
  const answer = await world.api.call("POST", "/v1/databases", body);
  expect(answer.status, JSON.stringify(answer.body.error)).toBe(201);
  return answer.body.data as unknown as { id: string; action_id: string; version: string; endpoint: { host: string } };
}

async function act(databaseId: string, type: string): Promise<void> {
  const answer = await world.api.call("POST", `/v1/databases/${databaseId}/actions`, { type });
  expect(answer.status, JSON.stringify(answer.body.error)).toBe(202);
  expect(await world.api.actionEnd(answer.body.data.id)).toMatchObject({ status: "succeeded", error: null });
}

async function remove(databaseId: string): Promise<void> {
  const answer = await world.api.call("DELETE", `/v1/databases/${databaseId}`);
  expect((await world.api.actionEnd(answer.body.data.id)).status).toBe("succeeded");
  expect((await world.api.get(`/v1/databases/${databaseId}`)).status).toBe(404);
}

async function credentialsOf(databaseId: string): Promise<Credentials> {
  return (await world.api.get(`/v1/databases/${databaseId}/credentials`)).body.data as unknown as Credentials;
}

type ForeignNotes = ReturnType<typeof foreignNotesIn>;

/** A library that does not check whom it talks to would go on. */
async function isWaryOfOthers(foreign: ForeignNotes, credentials: Credentials): Promise<void> {
  const { ca } = await makeServerTls(credentials.host);
  expect(await foreign.refusal({ ...credentials, ca_certificate: ca })).toMatch(/certificate verify failed/);
  const forwarded = await forwardPort(credentials.host, credentials.port);
  try {
    const { host, port } = forwarded;
    expect(await foreign.refusal({ ...credentials, host, port })).toMatch(/address mismatch|does not match host name/);
  } finally {
    forwarded.close();
  }
}

async function isRefused(notes: ReturnType<typeof notesIn>, credentials: Credentials): Promise<void> {
  await expect(notes.read(credentials)).rejects.toThrow();
}

describe.each(ENGINES)("$engine $version on real Incus", ({ engine, version, runs, memoryShare }) => {
  const notes = notesIn(engine);
  const foreign = foreignNotesIn(engine);
  const name = `e2e-${engine}-${version}`;
  const secrets = ["PRIVATE KEY"];
  let watch: GuestWatch;

  it("serves its own client and a foreign one through restart, suspension and rotation, and is gone after its delete", async () => {
    const database = await create(name, engine, version);
    watch = new GuestWatch(database.id, E2E_REGIONS[0].project);
    expect(database.version).toMatch(runs);
    const created = await watch.during(world.api.actionEnd(database.action_id));
    expect(created).toMatchObject({ status: "succeeded", error: null });
    const credentials = await credentialsOf(database.id);
    expect(credentials.host).toBe(database.endpoint.host);

    expect(await foreign.write(credentials, "foreign")).toEqual([["foreign"], ["foreign"]]);
    await notes.write(credentials, "first");
    expect(await notes.read(credentials)).toEqual(["foreign", "first"]);
    expect(await notes.memoryMib(credentials)).toBe(memoryShare && PLAN.memoryMib * memoryShare);
    await isRefused(notes, { ...credentials, password: "wrong" });
    await foreign.refusal({ ...credentials, password: "wrong" });
    await isWaryOfOthers(foreign, credentials);

    await act(database.id, "restart");
    await notes.write(credentials, "second");
    await act(database.id, "suspend");
    await isRefused(notes, credentials);
    await act(database.id, "resume");
    expect(await notes.read(credentials)).toEqual(["foreign", "first", "second"]);

    await watch.during(act(database.id, "rotate_credentials"));
    const rotated = await credentialsOf(database.id);
    expect(rotated.password).not.toBe(credentials.password);
    secrets.push(credentials.password, rotated.password);
    await isRefused(notes, credentials);
    await foreign.refusal(credentials);
    const all = ["foreign", "first", "second", "third"];
    expect(await foreign.write(rotated, "third")).toEqual([all, all]);
    await notes.write(rotated, "fourth");
    expect(await notes.read(rotated)).toEqual([...all, "fourth"]);
    await remove(database.id);
  });

  it("showed its passwords in no configuration of the instance and no process in it", () => {
    const configurations = [...watch.configurations].join("\n");
    const processes = [...watch.processes].join("\n");
    // What was there to be seen was seen: the agent at its work, of set-up and of rotation.
    expect(configurations).toContain("user.cloudnexus.kind: database");
    expect(processes).toContain("/usr/lib/cloudnexus/agent");
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) {
      expect(configurations.includes(secret)).toBe(false);
      expect(processes.includes(secret)).toBe(false);
    }
  });
});

describe.each(ENGINES.filter(({ version }) => !["15.4", "17", "7"].includes(version)))(
  "the newest $engine",
  ({ engine, version }) => {
    it("is set up once although the worker is killed in the middle of it", async () => {
      const database = await create(`e2e-killed-${engine}`, engine, version);
      await waitUntil("the set-up is under way", async () => {
        const { status, steps } = (await world.api.get(`/v1/actions/${database.action_id}`)).body.data;
        if (status !== "running") throw new Error(`the create ended as ${status} before`);
        return steps.some((step) => step.name === "set_up_engine" && step.status === "running");
      });
      await worker.kill("SIGKILL");
      worker = await world.startWorker();
      expect(await world.api.actionEnd(database.action_id)).toMatchObject({ status: "succeeded", error: null });
      const notes = notesIn(engine);
      const credentials = await credentialsOf(database.id);
      await notes.write(credentials, "alive");
      expect(await notes.read(credentials)).toEqual(["alive"]);
      await remove(database.id);
    });
  },
);
