import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCommands } from "../../scripts/cli/commands.ts";
import { inFull } from "../../scripts/cli/operators.ts";
import { toRequest } from "../../scripts/cli/request.ts";
import { QUOTAS } from "../../src/domain/quotas.ts";
import { ApiClient } from "../support/api-client.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { createWorld, type World } from "../support/world.ts";

/** What operators do across accounts, typed as they type it. */

let world: World;
let auditor: Auditor;
const commands = readCommands();

interface Answered {
  status: number;
  body: { data: Record<string, unknown>; error: { code: string } | null };
}

/** A line of `npm run cloudnexus`. */
async function run(line: string, token = auditor.token): Promise<Answered> {
  const [name, ...words] = inFull(line.split(" "));
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw new Error(`there is no ${name ?? ""}`);
  const { method, path, headers, body } = toRequest(command, words, token);
  const response = await contractFetch(`${world.api.address}${path}`, { method, headers, body });
  return { status: response.status, body: (await response.json()) as Answered["body"] };
}

async function logOf(accountId: string): Promise<Record<string, unknown>[]> {
  const log = await auditor.api.get(`/v1/operator/audit-log?account_id=${accountId}&per_page=100`);
  return log.body.data as unknown as Record<string, unknown>[];
}

beforeAll(async () => {
  world = await createWorld({ addresses: 10, capacity: { vcpus: 8, memory_mib: 8192, disk_gib: 100 } });
  await world.startWorker();
  auditor = await createAuditor(world);
});
afterAll(() => world.close());

describe("an account that an operator makes", () => {
  let id: string;
  let token: string;
  beforeAll(async () => {
    const made = await run("accounts create --name acme --reason signed-up");
    expect(made).toMatchObject({ status: 201, body: { data: { name: "acme" } } });
    id = String(made.body.data["id"]);
    token = String(made.body.data["api_key"]);
  });

  it("is opened by the key that was shown, which reaches no other and is no operator's", async () => {
    const account = await new ApiClient(world.api.address, token).get("/v1/account");
    expect(account.body.data).toMatchObject({ id, name: "acme" });
    expect((await run("accounts list", token)).status).toBe(403);
    expect((await run("regions", token)).status).toBe(403);
  });

  it("is listed and shown", async () => {
    expect((await run("accounts list")).body.data).toMatchObject([{ id, name: "acme" }, { name: "default" }]);
    const { data } = (await run(`accounts show ${id}`)).body;
    const none = Object.fromEntries(QUOTAS.map((quota) => [quota, null]));
    expect(data).toMatchObject({ id, own_limits: none, quotas: { servers: { used: 0 }, api_keys: { used: 1 } } });
  });

  it("can't have the name of another", async () => {
    expect(await run("accounts create --name acme")).toMatchObject({
      status: 409,
      body: { error: { code: "name_taken" } },
    });
  });

  it("has the limits that are set, and the installation's where they are taken back", async () => {
    const customer = new ApiClient(world.api.address, token);
    expect((await run(`accounts set-limits ${id} --servers 0 --vcpus 4 --reason unpaid`)).status).toBe(200);
    expect(await customer.createServer("too-many")).toMatchObject({
      status: 403,
      body: { error: { code: "quota_exceeded" } },
    });
    const { data } = (await run(`accounts set-limits ${id} --servers null --reason paid`)).body;
    expect(data).toMatchObject({ own_limits: { servers: null, vcpus: 4 } });
    const fits = await customer.createServer("fits");
    expect(fits.status).toBe(201);
    await customer.actionEnd(fits.body.data.action_id);
    expect((await run(`accounts set-limits ${id} --servers=-1`)).status).toBe(400);
  });

  it("gets another key, and loses it, the last one too", async () => {
    const created = await run(`keys create ${id} --name recovery --scopes servers:read --reason lost`);
    expect(created).toMatchObject({ status: 201, body: { data: { name: "recovery", scopes: ["servers:read"] } } });
    const recovery = new ApiClient(world.api.address, String(created.body.data["token"]));
    expect((await recovery.get("/v1/servers")).status).toBe(200);

    const keys = (await run(`keys list ${id}`)).body.data as unknown as { id: string; name: string }[];
    expect(keys.map(({ name }) => name)).toEqual(["recovery", "owner"]);
    for (const key of keys) expect((await run(`keys revoke ${key.id} --reason leaked`)).status).toBe(200);
    expect((await run(`keys list ${id}`)).body.data).toEqual([]);
    expect((await run(`keys revoke ${keys[0]?.id ?? ""}`)).status).toBe(404);
  });

  it("has all of it in its audit log: who, why, before and after, and no token", async () => {
    const log = await logOf(id);
    expect(log.map(({ event, reason }) => [event, reason])).toEqual([
      ["api_key.revoke", "leaked"],
      ["api_key.revoke", "leaked"],
      ["api_key.create", "lost"],
      ["account.limits", "paid"],
      ["account.limits", "unpaid"],
      ["api_key.create", "signed-up"],
      ["account.create", "signed-up"],
    ]);
    for (const { api_key_id: key, request_id: request } of log) {
      expect(key).toMatch(/^ak_/);
      expect(request).toMatch(/^req_/);
    }
    expect(log[3]).toMatchObject({ before: { servers: 0, vcpus: 4 }, after: { servers: null, vcpus: 4 } });
    expect(log[2]).toMatchObject({ after: { name: "recovery", scopes: ["servers:read"] } });
    expect(JSON.stringify(log)).not.toContain("cn_live_sk_");
  });
});

describe("the regions", () => {
  it("are shown with what is promised of them, their workers, and what the latest audit saw", async () => {
    const { action_id: action } = (await world.api.createServer("one")).body.data;
    await world.api.actionEnd(action);
    await world.simulator.addFault({
      kind: "error_before",
      status: 500,
      match: { method: "GET", path: "/1.0/instances", project: "cloudnexus-eu-west-2" },
      count: 0,
    });
    const { id } = await auditor.audit();
    await world.simulator.clearFaults();
    const regions = (await run("regions")).body.data as unknown as Record<string, unknown>[];
    expect(regions.map(({ slug }) => slug)).toEqual(["us-east-1", "eu-west-2"]);
    const [east, west] = regions;
    const { held } = east?.["addresses"] as { held: number };
    expect(held).toBeGreaterThanOrEqual(1);
    expect(east).toMatchObject({
      vcpus: { limit: 8, promised: held },
      addresses: { offered: 10, held, free: 10 - held },
      workers: 1,
      audit: { id, owned: held, found: held, differences: 0, problem: null },
    });
    expect(west).toMatchObject({ vcpus: { limit: 8, promised: 0 }, addresses: { offered: 10, held: 0, free: 10 } });
    expect((west?.["audit"] as { problem: string | null }).problem).not.toBeNull();
  });
});
