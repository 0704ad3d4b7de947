import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { certified, type Identity, selfSigned } from "../drivers/certificates.ts";
import { at, eventually, type Folder, instance, project, root, Simulator, temporaryFolder, text } from "./support.ts";

const ADDRESS = "10.88.0.20";
const OPTIONS = ["--control", "--speed", "instant", "--engine-images"];
const REQUESTS = "/var/lib/cloudnexus/requests";
const RESULTS = "/var/lib/cloudnexus/results";

let folder: Folder;
let simulator: Simulator;
let authority: Identity;
let leaf: Identity;

beforeAll(async () => {
  folder = temporaryFolder();
  [simulator, authority] = await Promise.all([Simulator.start(folder, OPTIONS), selfSigned("region")]);
  leaf = await certified(authority, ADDRESS);
});
afterAll(async () => {
  await simulator.stop();
  folder.remove();
});
afterEach(() => simulator.reset());

/** A guest with a data volume. */
async function guest(image = "postgresql-17", isStarted = true): Promise<void> {
  const volume = { name: "cn-db-data" };
  await simulator.call("POST", `/1.0/storage-pools/cloudnexus/volumes/custom?project=${project}`, volume);
  const devices = {
    root: root(),
    eth0: { type: "nic", name: "eth0", network: "br0", "ipv4.address": ADDRESS },
    data: { type: "disk", path: "/data", pool: "cloudnexus", source: volume.name },
  };
  await simulator.created("cn-db", { source: { type: "image", alias: `cloudnexus/${image}` }, devices });
  if (isStarted) await simulator.started("cn-db");
}

const file = (path: string) => at("/cn-db/files").replace("?", `?path=${encodeURIComponent(path)}&`);
const write = (path: string, content: string, headers: Record<string, string> = {}) =>
  simulator.call("POST", file(path), content, headers);

function setup(change: object = {}): object {
  return {
    kind: "setup",
    engine: "postgresql",
    major: "17",
    ...{ address: ADDRESS, prefix_length: 24, port: 5432, memory_mib: 1024, vcpus: 1 },
    tls: { certificate: leaf.certificate, key: leaf.key, ca: authority.certificate },
    trusted_sources: ["10.88.0.0/24"],
    ...{ user: "app", password: "first-password", database: "app" },
    ...change,
  };
}

/** Sends a request and waits for its end. */
async function ask(id: string, body: object): Promise<Record<string, unknown>> {
  expect((await write(`${REQUESTS}/${id}.json`, JSON.stringify(body))).status).toBe(200);
  return await resultOf(id);
}

async function resultOf(id: string): Promise<Record<string, unknown>> {
  let result: Record<string, unknown> = {};
  await eventually(async () => {
    const { status, body } = await simulator.call("GET", file(`${RESULTS}/${id}.json`));
    result = status === 200 ? body : {};
    return ["succeeded", "failed"].includes(String(result["status"]));
  });
  return result;
}

async function query(change: object = {}): Promise<unknown> {
  const login = { user: "app", password: "first-password", database: "app", ca: authority.certificate };
  const body = { engine: "postgresql", host: ADDRESS, port: 5432, ...login, ...change };
  return (await simulator.call("POST", "/sim/v1/engine-query", body)).body;
}

describe("files", () => {
  it("come back as they were written, without an envelope and with owner and mode", async () => {
    await guest("postgresql-17", false);
    await write("/etc/note.json", '{"a":1}', { "x-incus-mode": "0600", "x-incus-uid": "0", "x-incus-gid": "0" });
    const { status, headers, body } = await simulator.call("GET", file("/etc/note.json"));
    expect({ status, body }).toEqual({ status: 200, body: { a: 1 } });
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "x-incus-type": "file",
      "x-incus-mode": "0600",
      "x-incus-uid": "0",
    });
  });

  it("keep their mode when they are replaced, go with a delete, and are listed by their folder", async () => {
    await guest("postgresql-17", false);
    await write("/etc/note", '"a"', { "x-incus-mode": "0600" });
    await write("/etc/note", '"b"', { "x-incus-mode": "0644" });
    expect(await simulator.get(file("/etc/note"))).toMatchObject({ headers: { "x-incus-mode": "0600" }, body: "b" });
    expect((await simulator.get(file("/etc"))).body["metadata"]).toEqual(["note", "systemd"]);
    expect((await simulator.call("DELETE", file("/etc/note"))).status).toBe(200);
    expect((await simulator.get(file("/etc/note"))).body).toMatchObject({ error_code: 404, error: "Not Found" });
  });

  it("need their folder and their instance", async () => {
    expect((await write("/etc/note", "")).body).toMatchObject({
      error_code: 404,
      error: expect.stringContaining("Instance not found"),
    });
    await guest("postgresql-17", false);
    expect((await write("/no/folder/note", "")).body).toMatchObject({ error_code: 404, error: "Not Found" });
  });
});

describe("access lists", () => {
  const list = `/1.0/network-acls/rules?project=${project}`;
  const network = `/1.0/networks/br0?project=${project}`;
  const rule = { action: "reject", destination: ADDRESS, state: "enabled", description: "db_x" };

  async function attach(ingress: object[]): Promise<void> {
    const body = { name: "rules", config: {}, ingress, egress: [] };
    expect((await simulator.call("POST", `/1.0/network-acls?project=${project}`, body)).status).toBe(201);
    const { body: now, headers } = await simulator.get(network);
    const config = {
      ...(now["metadata"]?.["config"] as object),
      "security.acls": "rules",
      "security.acls.default.ingress.action": "allow",
    };
    const match = { "if-match": String(headers["etag"]) };
    expect((await simulator.call("PUT", network, { config }, match)).status).toBe(200);
  }

  it("are changed by who read them last, and shown with their rules where leaks are looked for", async () => {
    await attach([]);
    const { headers } = await simulator.get(list);
    const match = { "if-match": String(headers["etag"]) };
    const body = { description: "", config: {}, ingress: [rule], egress: [] };
    expect((await simulator.call("PUT", list, body, match)).status).toBe(200);
    expect((await simulator.call("PUT", list, body, match)).status).toBe(412);
    expect((await simulator.get(list)).body["metadata"]).toMatchObject({
      ingress: [rule],
      used_by: ["/1.0/networks/br0"],
    });
    expect((await simulator.get("/sim/v1/snapshot")).body["access_rules"]).toMatchObject([{ description: "db_x" }]);
  });

  it.each([
    ["an unknown action", { ...rule, action: "refuse" }, "Action must be one of"],
    ["a subject that is none", { ...rule, source: "10.0.0.0-" }, "Invalid subject"],
    ["a port without protocol", { ...rule, destination_port: "5432" }, "without specifying protocol"],
  ])("refuse %s", async (_what, wrong, said) => {
    const body = { name: "rules", config: {}, ingress: [wrong], egress: [] };
    const answer = await simulator.call("POST", `/1.0/network-acls?project=${project}`, body);
    expect(answer).toMatchObject({ status: 500, body: { error: expect.stringContaining(said) } });
  });

  it("of which a network names one that is not there is an error, and one in use cannot be deleted", async () => {
    const answer = await simulator.call("PUT", network, { config: { "security.acls": "absent" } });
    expect(answer).toMatchObject({ status: 400, body: { error: 'Network ACL "absent" does not exist' } });
    await attach([]);
    expect((await simulator.call("DELETE", list)).status).toBe(500);
  });

  it("decide who reaches an engine from the host", async () => {
    await guest();
    await ask("act-1-setup", setup());
    await attach([{ ...rule, source: "0.0.0.0-10.87.255.255,10.89.0.0-255.255.255.255" }]);
    expect(await query()).toEqual({ outcome: "answered" });
    const ingress = [{ ...rule, source: "10.88.0.1" }];
    await simulator.call("PUT", list, { description: "", config: {}, ingress, egress: [] });
    expect(await query()).toMatchObject({ outcome: "unreachable", reason: expect.stringContaining("access list") });
  });
});

describe("the agent", () => {
  it("sets the engine up once, takes the request away, and answers only who may ask", async () => {
    await guest();
    expect(await query()).toMatchObject({ outcome: "unreachable" });
    expect(await ask("act-1-setup", setup())).toEqual({
      ...{ status: "succeeded", step: "configure engine", code: null, message: null },
      data: { user: "app", version: "17.6" },
    });
    expect((await simulator.get(file(`${REQUESTS}/act-1-setup.json`))).status).toBe(404);
    expect(await query()).toEqual({ outcome: "answered" });
    const stranger = await selfSigned("stranger");
    expect(await query({ password: "wrong" })).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("password"),
    });
    expect(await query({ database: "other" })).toMatchObject({ outcome: "refused" });
    expect(await query({ ca: stranger.certificate })).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("certificate"),
    });
    expect(await query({ port: 5433 })).toMatchObject({ outcome: "unreachable" });
    // The same request again is the same request.
    expect(await ask("act-1-setup", setup({ password: "second-password" }))).toMatchObject({ status: "succeeded" });
    expect(await query()).toEqual({ outcome: "answered" });
  });

  it("takes at the start what was written before, in a guest that has one", async () => {
    await guest("postgresql-17", false);
    await write(`${REQUESTS}/act-1-setup.json`, JSON.stringify(setup()));
    expect((await simulator.get(file(`${RESULTS}/act-1-setup.json`))).status).toBe(404);
    await simulator.started("cn-db");
    expect(await resultOf("act-1-setup")).toMatchObject({ status: "succeeded" });
    await simulator.ended(await simulator.setState("cn-db", "stop", { force: true }));
    expect(await query()).toMatchObject({ outcome: "unreachable" });
    await simulator.started("cn-db");
    expect(await query()).toEqual({ outcome: "answered" });
  });

  it.each([
    ["postgresql", "postgresql-17", "app_b"],
    ["redis", "redis-8", "app"],
  ])("rotates the password of %s, and both work in between", async (engine, image, secondUser) => {
    await guest(image);
    await ask("a-setup", setup({ engine, major: image.split("-")[1] }));
    expect(await ask("b-add", { kind: "add_password", password: "second-password" })).toMatchObject({
      status: "succeeded",
      data: { user: secondUser },
    });
    const asked = (change: object) => query({ engine, ...change });
    expect(await asked({})).toEqual({ outcome: "answered" });
    expect(await asked({ user: secondUser, password: "second-password" })).toEqual({ outcome: "answered" });
    expect(await ask("c-drop", { kind: "drop_password", password: "second-password" })).toMatchObject({
      data: { user: secondUser },
    });
    expect(await asked({})).toMatchObject({ outcome: "refused" });
    expect(await asked({ user: secondUser, password: "second-password" })).toEqual({ outcome: "answered" });
  });

  it("keeps out who is no trusted source", async () => {
    await guest();
    await ask("a-setup", setup());
    await ask("b-sources", { kind: "trusted_sources", trusted_sources: ["203.0.113.0/24"] });
    expect(await query()).toMatchObject({ outcome: "unreachable", reason: expect.stringContaining("trusted sources") });
    await ask("c-sources", { kind: "trusted_sources", trusted_sources: ["203.0.113.0/24", "10.88.0.1"] });
    expect(await query()).toEqual({ outcome: "answered" });
  });

  it.each([
    ["is no request", { kind: "dance" }, "invalid_request"],
    ["is for another engine", { kind: "setup", engine: "redis", major: "8" }, "engine_mismatch"],
    ["has a password that not every engine takes", { kind: "drop_password", password: "short" }, "not_set_up"],
    ["comes before the set-up", { kind: "add_password", password: "long-enough-to-be" }, "not_set_up"],
  ])("fails what %s", async (_what, body, code) => {
    await guest();
    expect(await ask("a", body)).toMatchObject({ status: "failed", code });
  });

  it("fails and waits by rule", async () => {
    await guest();
    await simulator.fault({ match: { action: "setup" }, kind: "agent_fails", message: "disk broke" });
    expect(await ask("a-setup", setup())).toMatchObject({ status: "failed", message: "disk broke" });
    const held = await simulator.fault({ match: { path: "/agent/cn-db" }, kind: "agent_holds" });
    await write(`${REQUESTS}/b-setup.json`, JSON.stringify(setup()));
    await eventually(async () => (await simulator.get(file(`${RESULTS}/b-setup.json`))).status === 200);
    expect((await simulator.get(file(`${RESULTS}/b-setup.json`))).body).toMatchObject({ status: "running" });
    await simulator.call("POST", `/sim/v1/faults/${held}/release`);
    expect(await resultOf("b-setup")).toMatchObject({ status: "succeeded" });
  });

  it("goes on after a kill of the simulator, and forgets nothing", async () => {
    await guest();
    await ask("a-setup", setup());
    await simulator.fault({ match: {}, kind: "agent_holds" });
    await write(`${REQUESTS}/b-add.json`, JSON.stringify({ kind: "add_password", password: "second-password" }));
    await eventually(async () => (await simulator.get(file(`${RESULTS}/b-add.json`))).status === 200);
    await simulator.stop("SIGKILL");
    simulator = await Simulator.start(folder, OPTIONS);
    expect(await resultOf("b-add")).toMatchObject({ status: "succeeded", data: { user: "app_b" } });
    expect(await query({ user: "app_b", password: "second-password" })).toEqual({ outcome: "answered" });
  });

  it("is not in a plain guest, and nothing of it outlives its guest", async () => {
    await simulator.created("cn-db");
    await simulator.started("cn-db");
    expect((await write(`${REQUESTS}/a.json`, "{}")).status).toBe(404);
    await simulator.ended(await simulator.setState("cn-db", "stop", { force: true }));
    await simulator.ended(await simulator.call("DELETE", at("/cn-db")));
    await guest();
    await ask("a-setup", setup());
    await simulator.ended(await simulator.setState("cn-db", "stop", { force: true }));
    await simulator.ended(await simulator.call("DELETE", at("/cn-db")));
    await guest();
    expect((await simulator.get(file(`${RESULTS}/a-setup.json`))).status).toBe(404);
    expect(await query()).toMatchObject({ outcome: "unreachable" });
  });
});

describe("engine images and queries", () => {
  it("are there with the properties of the real ones", async () => {
    const { body } = await simulator.get("/1.0/images?recursion=1");
    const images = body["metadata"] as unknown as { properties: Record<string, string> }[];
    expect(images.map(({ properties }) => properties["cloudnexus.version"]).filter(Boolean)).toEqual([
      ...["15.18", "17.6", "18.6", "7.0.15", "8.0.2", "9.7.0", "7.0.77"],
    ]);
  });

  it.each([
    ["engine_refuses", "refused"],
    ["engine_unreachable", "unreachable"],
  ])("%s by rule", async (kind, outcome) => {
    await guest();
    await ask("a-setup", setup());
    await simulator.fault({ match: { action: "postgresql" }, kind, message: "by rule" });
    expect(await query()).toEqual({ outcome, reason: "by rule" });
    expect(await query()).toEqual({ outcome: "answered" });
  });

  it("volumes show who uses them", async () => {
    const volumes = `/1.0/storage-pools/cloudnexus/volumes/custom`;
    await simulator.call("POST", `${volumes}?project=${project}`, { name: "cn-db-data" });
    const draft = instance("cn-db") as { devices: Record<string, object> };
    const data = { type: "disk", path: "/data", pool: "cloudnexus", source: "cn-db-data" };
    const body = { ...draft, devices: { ...draft.devices, data } };
    await simulator.ended(await simulator.call("POST", at(""), body));
    const volume = (await simulator.get(`${volumes}/cn-db-data?project=${project}`)).body["metadata"];
    expect(volume?.["used_by"]).toEqual([`/1.0/instances/cn-db?project=${project}`]);
    expect(text((await simulator.call("DELETE", `${volumes}/cn-db-data?project=${project}`)).body["error"])).toMatch(
      /still in use/,
    );
  });
});
