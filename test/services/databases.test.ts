import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { slate } from "../support/clean-slate.ts";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { actAndWait, logsIn, makeDatabase } from "../support/database-actions.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
});
afterEach(() => world.simulator.clearFaults());
afterAll(() => world.close());

interface Shown {
  id: string;
  status: string;
  version: string;
  implementation: string;
  endpoint: { host: string; port: number };
  trusted_sources: string[];
  action_id: string;
}

async function read(id: string): Promise<Shown> {
  return (await world.api.get(`/v1/databases/${id}`)).body.data as unknown as Shown;
}

async function create(name: string, change: object = {}): Promise<Shown> {
  const { body } = await world.api.createDatabase(name, change);
  expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
  return read(body.data.id);
}

describe("POST /v1/databases", () => {
  it("takes the published example, and the database tells the version that runs", async () => {
    const answer = await world.api.call("POST", "/v1/databases", {
      engine: "postgresql",
      version: "15.4",
      plan: "standard",
      name: "app-db-prod",
      region: "us-east-1",
    });
    expect(answer.status).toBe(201);
    expect(answer.body.data).toMatchObject({ status: "provisioning", name: "app-db-prod", engine: "postgresql" });
    expect(answer.body.data.endpoint?.host).toMatch(/^10\.88\.0\.\d+$/);

    const action = await world.api.actionEnd(answer.body.data.action_id);
    expect(action).toMatchObject({ status: "succeeded", progress: 100, error: null });
    expect(await read(answer.body.data.id)).toMatchObject({
      status: "active",
      power_state: "running",
      version: expect.stringMatching(/^15\.\d+$/),
      implementation: "PostgreSQL",
      endpoint: answer.body.data.endpoint,
    });
  });

  it("gives it the plan's limits, a disk of its own, and rules on the network before it is there", async () => {
    const { id, endpoint } = await create("limits", { trusted_sources: ["192.0.2.0/24"] });
    const name = `cn-${id.slice("db_".length)}`;
    const { instances, volumes, access_rules: rules } = await world.simulator.snapshot();
    expect(instances.find((instance) => instance.name === name)).toMatchObject({
      project: "cloudnexus-us-east-1",
      config: { "limits.cpu": "1", "limits.memory": "1024MiB", "user.cloudnexus.kind": "database" },
      devices: { root: { size: "4GiB" }, eth0: { "ipv4.address": endpoint.host } },
    });
    expect(volumes).toContainEqual(expect.objectContaining({ type: "custom", name: expect.stringContaining(name) }));
    const capacity = await world.sql(
      "SELECT vcpus, memory_mib, disk_gib FROM capacity_reservations WHERE resource_id = $1",
      [id],
    );
    // The plan's 20 GiB are the customer's; the system has 4 more.
    expect(capacity).toEqual([{ vcpus: 1, memory_mib: 1024, disk_gib: 24 }]);
    const own = rules.filter((rule) => rule.description === id);
    expect(own.every((rule) => rule.destination === endpoint.host)).toBe(true);
    // Strangers are everybody but the source and the gateway, from where the engine was proven.
    expect(own.map((rule) => rule.source ?? "").join()).toMatch(/10\.88\.0\.2-/);
    const requests = await world.simulator.requests();
    const first = (path: RegExp) => requests.findIndex(({ method, path: p }) => method !== "GET" && path.test(p));
    expect(first(/network-acls/)).toBeLessThan(first(/\/1\.0\/instances$/));
  });

  it.each([
    ["postgresql", undefined, /^18\./, "PostgreSQL"],
    ["mysql", "9", /^9\./, "MySQL"],
    ["redis", "7", /^7\./, "Redis"],
    ["mongodb", undefined, /^7\.0/, expect.stringContaining("FerretDB")],
  ])("makes %s %s", async (engine, version, runs, implementation) => {
    const change = { engine, ...(version === undefined ? {} : { version }) };
    const database = await create(`engine-${engine}`, change);
    expect(database).toMatchObject({ version: expect.stringMatching(runs), implementation });
    const login = await world.api.credentials(database.id);
    expect(login.uri).toContain(`${login.user}:${login.password}@${database.endpoint.host}:${database.endpoint.port}`);
    expect(login.database).toBe(engine === "redis" ? null : "app");
  });

  it.each([
    ["a version that the region lacks", { version: "16" }, "version", "postgresql 15."],
    ["a minor that nobody has yet", { version: "17.999" }, "version", "postgresql 17."],
    ["a plan for servers", { plan: "pro" }, "plan", "standard"],
    ["an unknown region", { region: "mars-1" }, "region", "us-east-1"],
  ])("refuses %s, and lists what there is", async (_, change, field, listed) => {
    const before = await world.sql("SELECT count(*) FROM databases");
    const answer = await world.api.createDatabase("refused", change);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "validation_failed" } } });
    expect(answer.body.error.details).toEqual([{ field, issue: expect.stringContaining(listed) }]);
    expect(await world.sql("SELECT count(*) FROM databases")).toEqual(before);
  });

  it("is answered once per Idempotency-Key, and refused for another body", async () => {
    const headers = { "idempotency-key": "database-once" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.api.createDatabase("once", {}, headers)));
    expect(new Set(answers.map(({ body }) => body.data.id)).size).toBe(1);
    expect((await world.api.createDatabase("twice", {}, headers)).body.error.code).toBe("idempotency_key_reused");
    await world.api.actionEnd(answers[0]!.body.data.action_id);
  });

  it("refuses a name that a living database has, not one that a server has", async () => {
    await makeDatabase(world, "taken", false);
    expect((await world.api.createDatabase("taken")).body.error.code).toBe("name_taken");
    const server = await world.api.createServer("taken");
    expect(server.status).toBe(201);
    await world.api.actionEnd(server.body.data.action_id);
  });
});

describe("a create that fails", () => {
  it.each([
    ["in the guest", { kind: "agent_fails", match: { action: "setup" } }, "engine_setup_failed", "set_up_engine"],
    ["at the proof", { kind: "engine_refuses", match: {} }, "engine_refused", "verify_engine"],
  ])("%s says so, leaves nothing, and succeeds when it is tried again", async (where, fault, code, step) => {
    const before = await slate(world);
    await world.simulator.addFault({ ...fault, count: 1 });
    const { body } = await world.api.createDatabase(`retried-${step.replaceAll("_", "-")}`);
    const failed = await world.api.actionEnd(body.data.action_id);
    expect(failed, where).toMatchObject({ status: "failed", error: { code, step } });
    expect(await read(body.data.id)).toMatchObject({ status: "failed", error: { code } });
    expect(await slate(world)).toEqual(before);
    expect((await world.api.get(`/v1/databases/${body.data.id}/credentials`)).body.error.code).toBe("invalid_status");

    const retry = await world.api.actOnDatabase(body.data.id, "retry");
    expect(retry).toMatchObject({ status: 202, body: { data: { type: "create" } } });
    expect(retry.body.data.id).not.toBe(body.data.action_id);
    expect((await world.api.actionEnd(retry.body.data.id)).status).toBe("succeeded");
    expect(await read(body.data.id)).toMatchObject({ status: "active", error: null, action_id: retry.body.data.id });
    await world.temporal.workflow.getHandle(`create-database/${body.data.id}/2`).result();
    expect(await logsIn(world, await world.api.credentials(body.data.id))).toBe(true);
  });

  it("of an active database cannot be tried again", async () => {
    const id = await makeDatabase(world, "not-failed", false);
    expect((await world.api.actOnDatabase(id, "retry")).body.error.code).toBe("invalid_status");
  });
});

describe("credentials", () => {
  it("are read with a trace that says who and when, without the secret", async () => {
    const id = await makeDatabase(world, "audited", false);
    const answer = await world.api.get(`/v1/databases/${id}/credentials`);
    const login = await world.api.credentials(id);
    const events = await world.sql<{ request_id: string }>(
      `SELECT event, resource_type, request_id, account_id IS NOT NULL AND api_key_id LIKE 'ak_%' AS is_known
       FROM audit_events WHERE resource_id = $1 ORDER BY created_at`,
      [id],
    );
    expect(events).toHaveLength(2);
    expect(events[0]).toEqual({
      event: "credentials.read",
      resource_type: "database",
      request_id: answer.body.meta.request_id,
      is_known: true,
    });
    const [dump] = await world.sql<{ text: string }>("SELECT string_agg(e::text, ' ') AS text FROM audit_events e");
    expect(dump!.text).not.toContain(login.password);
  });

  it("come with the authority that ca.pem is, which has signed what the guest was given", async () => {
    const database = await create("certified");
    const login = await world.api.credentials(database.id);
    const response = await contractFetch(`${world.api.address}/v1/databases/${database.id}/ca.pem`, {
      headers: { authorization: "Bearer cn_live_sk_testtesttesttesttesttesttesttest" },
    });
    expect(response.headers.get("content-type")).toBe("application/x-pem-file");
    expect(await response.text()).toBe(login.ca_certificate);
    const [row] = await world.sql<{ certificate: string }>(
      "SELECT certificate FROM database_certificates WHERE database_id = $1",
      [database.id],
    );
    const [leaf, ca] = [new X509Certificate(row!.certificate), new X509Certificate(login.ca_certificate)];
    expect(leaf.checkIP(database.endpoint.host)).toBe(database.endpoint.host);
    expect(leaf.verify(ca.publicKey)).toBe(true);
  });

  it("end with a rotation, and the new ones are the ones that work", async () => {
    const id = await makeDatabase(world, "rotated", false);
    const old = await world.api.credentials(id);
    for (let rotation = 1; rotation <= 3; rotation++) {
      const before = await world.api.credentials(id);
      await actAndWait(world, id, "rotate_credentials");
      const after = await world.api.credentials(id);
      expect(after.password).not.toBe(before.password);
      expect([await logsIn(world, before), await logsIn(world, after)]).toEqual([false, true]);
    }
    expect(await logsIn(world, old)).toBe(false);
  });
});

describe("a suspended database", () => {
  it("keeps what it has, refuses what needs it active, and comes back", async () => {
    const database = await create("suspended", { trusted_sources: ["192.0.2.0/24"] });
    const login = await world.api.credentials(database.id);
    await actAndWait(world, database.id, "suspend");
    expect(await read(database.id)).toMatchObject({ status: "suspended", power_state: "stopped" });
    expect(await logsIn(world, login)).toBe(false);

    for (const type of ["restart", "suspend", "rotate_credentials", "retry"]) {
      const answer = await world.api.actOnDatabase(database.id, type);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "invalid_status" } } });
    }
    const sources = await world.api.call("PATCH", `/v1/databases/${database.id}`, { trusted_sources: [] });
    expect(sources.body.error.code).toBe("invalid_status");
    const renamed = await world.api.call("PATCH", `/v1/databases/${database.id}`, { name: "suspended-renamed" });
    expect(renamed).toMatchObject({ status: 200, body: { data: { name: "suspended-renamed" } } });

    await actAndWait(world, database.id, "resume");
    expect(await read(database.id)).toMatchObject({ status: "active", endpoint: database.endpoint });
    expect(await world.api.credentials(database.id)).toEqual(login);
    expect(await logsIn(world, login)).toBe(true);
    expect((await world.api.actOnDatabase(database.id, "resume")).body.error.code).toBe("invalid_status");
  });
});

describe("a database on which an action runs", () => {
  it("refuses another and names the one that runs; a DELETE is not refused", async () => {
    const id = await makeDatabase(world, "busy", false);
    const fault = { kind: "agent_holds", match: { action: "add_password" }, count: 1 };
    await world.simulator.addFault(fault);
    const running = (await world.api.actOnDatabase(id, "rotate_credentials")).body.data.id;
    for (const type of ["restart", "suspend", "rotate_credentials"]) {
      const answer = await world.api.actOnDatabase(id, type);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "resource_busy" } } });
      expect(answer.body.error.details).toEqual([{ field: "action_id", issue: running }]);
    }
    const patch = (body: object) => world.api.call("PATCH", `/v1/databases/${id}`, body);
    expect((await patch({ trusted_sources: ["192.0.2.0/24"] })).body.error.code).toBe("resource_busy");
    expect((await patch({ labels: { a: "b" } })).status).toBe(200);
    await world.simulator.clearFaults();
    expect((await world.api.actionEnd(running)).status).toBe("succeeded");
  });

  it("gives one of many that come at once", async () => {
    const id = await makeDatabase(world, "many", false);
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.api.actOnDatabase(id, "restart")));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.every(({ body }) => body.error.code === "resource_busy")).toBe(true);
    for (const { body } of accepted) expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
  });

  it("repeats its answer for the same Idempotency-Key", async () => {
    const id = await makeDatabase(world, "repeated", false);
    const send = (key: string) =>
      world.api.call("POST", `/v1/databases/${id}/actions`, { type: "restart" }, { "idempotency-key": key });
    const first = await send("restart-1");
    await world.api.actionEnd(first.body.data.id);
    const again = await send("restart-1");
    expect(again.body.data).toMatchObject({ id: first.body.data.id, status: "succeeded" });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const second = await send("restart-2");
    expect(second.body.data.id).not.toBe(first.body.data.id);
    await world.api.actionEnd(second.body.data.id);
    expect((await send("restart-1")).body.data.id).toBe(first.body.data.id);
  });
});

describe("PATCH /v1/databases/{id}", () => {
  it("puts new sources in force on the network and in the guest", async () => {
    const { id } = await create("patched");
    const patched = await world.api.call("PATCH", `/v1/databases/${id}`, { trusted_sources: ["198.51.100.0/24"] });
    expect(patched.body.data).toMatchObject({ trusted_sources: ["198.51.100.0/24"] });
    const action = await world.api.actionEnd(patched.body.data.action_id);
    expect(action).toMatchObject({ type: "update_trusted_sources", status: "succeeded" });
    const { access_rules: rules } = await world.simulator.snapshot();
    const sources = rules.filter((rule) => rule.description === id).map((rule) => rule.source ?? "");
    expect(sources.join()).toContain("198.51.101.0-");

    const same = await world.api.call("PATCH", `/v1/databases/${id}`, { trusted_sources: ["198.51.100.0/24"] });
    expect(same.body.data.action_id).toBe(patched.body.data.action_id);
  });

  it("shows the sources from before when the guest did not take the new ones", async () => {
    const { id } = await create("patch-fails", { trusted_sources: ["192.0.2.0/24"] });
    await world.simulator.addFault({ kind: "agent_fails", match: { action: "trusted_sources" }, count: 1 });
    const patched = await world.api.call("PATCH", `/v1/databases/${id}`, { trusted_sources: ["198.51.100.0/24"] });
    const action = await world.api.actionEnd(patched.body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: "engine_setup_failed" } });
    expect(await read(id)).toMatchObject({ status: "active", trusted_sources: ["192.0.2.0/24"] });
  });
});

describe("GET /v1/database_engines", () => {
  it("lists what every region really has", async () => {
    const engines = await world.api.list("/v1/database_engines");
    expect(engines).toContainEqual({
      engine: "mongodb",
      version: expect.stringMatching(/^7\.0/),
      implementation: expect.stringContaining("FerretDB"),
      regions: ["eu-west-2", "us-east-1"],
    });
    expect(new Set(engines.map((engine) => (engine as unknown as { engine: string }).engine)).size).toBe(4);
  });
});
