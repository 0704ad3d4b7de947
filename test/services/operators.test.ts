import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QUOTAS } from "../../src/domain/quotas.ts";
import { ApiClient } from "../support/api-client.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { typist } from "../support/command-line.ts";
import { createWorld, type World } from "../support/world.ts";

/** What operators do across accounts, typed as they type it. */

let world: World;
let auditor: Auditor;
interface Answered {
  exitCode: number;
  data: Record<string, unknown>;
  error: { code: string } | null;
}

/** A line of `npm run cloudnexus`. */
async function run(line: string, token = auditor.token): Promise<Answered> {
  const { exitCode, out } = await typist(world.api.address, token)(line);
  return { exitCode, ...(JSON.parse(out) as Omit<Answered, "exitCode">) };
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
    expect(made).toMatchObject({ exitCode: 0, data: { name: "acme" } });
    id = String(made.data["id"]);
    token = String(made.data["api_key"]);
  });

  it("is opened by the key that was shown, which reaches no other and is no operator's", async () => {
    const account = await new ApiClient(world.api.address, token).get("/v1/account");
    expect(account.body.data).toMatchObject({ id, name: "acme" });
    expect((await run("accounts list", token)).error?.code).toBe("forbidden");
    expect((await run("regions", token)).error?.code).toBe("forbidden");
  });

  it("is listed and shown", async () => {
    expect((await run("accounts list")).data).toMatchObject([{ id, name: "acme" }, { name: "default" }]);
    const { data } = await run(`accounts show ${id}`);
    const none = Object.fromEntries(QUOTAS.map((quota) => [quota, null]));
    expect(data).toMatchObject({ id, own_limits: none, quotas: { servers: { used: 0 }, api_keys: { used: 1 } } });
  });

  it("can't have the name of another", async () => {
    expect(await run("accounts create --name acme --reason again")).toMatchObject({
      exitCode: 1,
      error: { code: "name_taken" },
    });
  });

  it("has the limits that are set, and the installation's where they are taken back", async () => {
    const customer = new ApiClient(world.api.address, token);
    expect((await run(`accounts set-limits ${id} --servers 0 --vcpus 4 --reason unpaid`)).exitCode).toBe(0);
    expect(await customer.createServer("too-many")).toMatchObject({
      status: 403,
      body: { error: { code: "quota_exceeded" } },
    });
    const { data } = await run(`accounts set-limits ${id} --servers null --reason paid`);
    expect(data).toMatchObject({ own_limits: { servers: null, vcpus: 4 } });
    const fits = await customer.createServer("fits");
    expect(fits.status).toBe(201);
    await customer.actionEnd(fits.body.data.action_id);
    expect((await run(`accounts set-limits ${id} --servers=-1 --reason typo`)).error?.code).toBe("validation_failed");
  });

  it("gets another key, and loses it, the last one too", async () => {
    const created = await run(`keys create ${id} --name recovery --scopes servers:read --reason lost`);
    expect(created).toMatchObject({ exitCode: 0, data: { name: "recovery", scopes: ["servers:read"] } });
    const recovery = new ApiClient(world.api.address, String(created.data["token"]));
    expect((await recovery.get("/v1/servers")).status).toBe(200);

    const keys = (await run(`keys list ${id}`)).data as unknown as { id: string; name: string }[];
    expect(keys.map(({ name }) => name)).toEqual(["recovery", "owner"]);
    for (const key of keys) expect((await run(`keys revoke ${key.id} --reason leaked`)).exitCode).toBe(0);
    expect((await run(`keys list ${id}`)).data).toEqual([]);
    expect((await run(`keys revoke ${keys[0]?.id ?? ""} --reason again`)).error?.code).toBe("not_found");
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
    const regions = (await run("regions")).data as unknown as Record<string, unknown>[];
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
