import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { run } from "../../scripts/platform/run.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { sampled } from "../support/fault-sample.ts";
import { type Names, openRunbookStage, type RunbookStage } from "../support/runbook-stage.ts";
import { type Block, blocksOf, readRunbook, type Section, sectionsOf } from "../support/runbooks.ts";
import { restoreDeadlines, shortenDeadlines } from "../support/short-deadlines.ts";
import { PATIENT, waitUntil } from "../support/wait.ts";

/**
 * The runbooks, carried out: what a section is about is brought about in an installation of its own, and the blocks of the section are run in a shell as they stand in the text. The
 * lines for a host of the region are not: there is none.
 */

/** A simulator and two processes are started, on a machine that may have much else to do. */
const START_TIMEOUT_MS = 600_000;
const REGION = "us-east-1";
const PROJECT = "cloudnexus-us-east-1";
/** Every call about what is in the region. */
const HOSTS = { path: "**", project: PROJECT };
const MAKES_INSTANCE = { method: "POST", path: "/1.0/instances" };

const sections = new Map(
  ["alarms.md", "operators.md", "customers.md"].flatMap(sectionsOf).map((one) => [one.heading, one]),
);
const tryAgain = blocksOf(
  readRunbook("operators.md")
    .split(/^## /m)
    .find((part) => part.startsWith("Trying again")) ?? "",
);

interface Scenario {
  section: string;
  /** Brings it about, and answers what it is about. */
  provoke: () => Promise<Names>;
  /** What the blocks under Look show. */
  look: RegExp[];
  /** What the operator does that no block says: the hosts are mended. Before the blocks under Do, or after them, where these are a hold. */
  mendsLast?: true;
  mend?: (names: Names) => Promise<void>;
  /** What the blocks under Do answer, one after the other. */
  do?: RegExp[];
  /** Whether what failed is tried again after it. */
  again?: boolean;
  over?: RegExp[];
  /** What is left to be done for the next one. */
  after?: (names: Names) => Promise<void>;
}

let stage: RunbookStage;
let made = 0;
let holdId: string | null = null;

beforeAll(async () => {
  stage = await openRunbookStage();
}, START_TIMEOUT_MS);
afterEach(async () => {
  await clearFaults();
  await releaseHolds();
});
afterAll(() => stage.close());

async function createFails(kind: "server" | "database" = "server"): Promise<Names> {
  const name = `runbook-${++made}`;
  const { body } = kind === "server" ? await stage.api.createServer(name) : await stage.api.createDatabase(name);
  const { id: RESOURCE, action_id: ACTION } = body.data;
  const { status, error } = await stage.api.actionEnd(ACTION);
  expect(status).toBe("failed");
  return { ACTION, RESOURCE, REGION, CODE: error?.code ?? "", REQUEST: body.meta.request_id };
}

async function createServer(): Promise<{ ACTION: string; RESOURCE: string; REGION: string }> {
  const { data } = (await stage.api.createServer(`runbook-${++made}`)).body;
  await stage.api.actionEnd(data.action_id);
  return { ACTION: data.action_id, RESOURCE: data.id, REGION };
}

/** As somebody does it on the host, past us. */
async function removeInstance(name: string): Promise<void> {
  const call = (method: string, path: string, ...body: string[]) =>
    run("curl", [
      ...["-sS", "--unix-socket", stage.world.simulator.socket, "-X", method],
      ...[`http://incus/1.0/instances/${name}${path}?project=${PROJECT}`, ...body],
    ]);
  await call("PUT", "/state", "-d", JSON.stringify({ action: "stop", force: true }));
  await waitUntil(`${name} is gone`, async () => {
    await call("DELETE", "");
    return !(await stage.world.simulator.snapshot()).instances.some((one) => one.name === name);
  });
}

const clearFaults = () => stage.world.simulator.clearFaults();

async function releaseHolds(): Promise<void> {
  for (const { id } of await stage.operator.api.list("/v1/operator/holds")) await stage.operator.release(id);
}

const fault = (kind: string, match: object, more: object = {}) =>
  stage.world.simulator.addFault({ kind, match, count: 0, ...more });

const SCENARIOS: Scenario[] = [
  {
    section: "infrastructure_unavailable",
    async provoke() {
      await fault("error_before", HOSTS, { status: 503, message: "daemon is starting" });
      const { data } = (await stage.api.createServer(`runbook-${++made}`)).body;
      await waitUntil("it was tried", async () => (await stage.world.simulator.faultHits()) > 0);
      return { ACTION: data.action_id, RESOURCE: data.id, REGION };
    },
    look: [
      /create +srv_\w+ +acc_\w+ +us-east-1 +running +resolve_image/,
      /now +resolve image, attempt \d+.*infrastructure_unavailable: .*daemon is starting/,
      /"workers": 1/,
      /"message":"GET \/1.0\/images\/aliases\/.*: daemon is starting"/,
    ],
    do: [/^hld_\w+ is in force$/m],
    mendsLast: true,
    mend: clearFaults,
    over: [/us-east-1: \d+ owned, \d+ found/, /audit adt_\w+ succeeded/],
    async after({ ACTION = "" }) {
      await releaseHolds();
      expect((await stage.api.actionEnd(ACTION)).status).toBe("succeeded");
    },
  },
  {
    section: "infrastructure_unauthorized",
    async provoke() {
      await fault("error_before", HOSTS, { status: 403, message: "not authorized" });
      return createFails();
    },
    look: [
      /infrastructure_unauthorized/,
      /add the client certificate to the server's trust store/,
      /us-east-1: .*; /,
      /audit adt_\w+ incomplete/,
    ],
    mend: clearFaults,
    again: true,
    over: [/audit adt_\w+ succeeded/],
  },
  {
    section: "infrastructure_error",
    async provoke() {
      await fault("error_before", MAKES_INSTANCE, { status: 404, message: "Network not found" });
      return createFails();
    },
    look: [/create_instance +infrastructure_error/, /"message":".*Network not found/],
    mend: clearFaults,
    again: true,
    over: [/audit adt_\w+ succeeded/],
  },
  {
    section: "storage_full",
    async provoke() {
      await fault("disk_full", MAKES_INSTANCE);
      return createFails();
    },
    look: [/create_instance +storage_full/, /grow the storage pool or free space in it/, /0 differences/],
    do: [/^hld_\w+ is in force$/m],
    mendsLast: true,
    async mend() {
      await clearFaults();
      await releaseHolds();
    },
    again: true,
    over: [/\d+ of \d+/],
  },
  {
    section: "address_in_use",
    async provoke() {
      await fault("operation_fails", MAKES_INSTANCE, {
        message: 'IP address "10.88.0.17" already defined on another NIC',
      });
      return createFails();
    },
    look: [/create_instance +address_in_use/, /10\.88\.0\.17/, /0 differences/],
    mend: clearFaults,
    again: true,
    over: [/0 differences/],
  },
  {
    section: "instance_conflict",
    async provoke() {
      const hold = await stage.operator.hold({ step: "create_instance" });
      const { data } = (await stage.api.createServer(`runbook-${++made}`)).body;
      await stage.operator.waitsFor(hold, data.action_id);
      await stage.world.simulator.plantInstance({ name: instanceName(data.id), project: PROJECT });
      await stage.operator.release(hold);
      expect((await stage.api.actionEnd(data.action_id)).error?.code).toBe("instance_conflict");
      return { ACTION: data.action_id, RESOURCE: data.id, REGION };
    },
    look: [/create_instance +instance_conflict/, /"message":".*"/],
    mend: ({ RESOURCE = "" }) => removeInstance(instanceName(RESOURCE)),
    do: [/rty_\w+ succeeded: 1 begun, 0 skipped/],
  },
  {
    section: "instance_rejected",
    async provoke() {
      await fault("error_before", MAKES_INSTANCE, { status: 400, message: "Invalid devices: size is too small" });
      return createFails();
    },
    look: [/create_instance +instance_rejected/, /size is too small/],
    mend: clearFaults,
    again: true,
  },
  {
    section: "image_unavailable",
    async provoke() {
      await fault("error_before", { path: "/1.0/images/aliases/**" }, { status: 404, message: "not found" });
      return createFails();
    },
    look: [/"slug": "ubuntu-22.04"/, /resolve_image +image_unavailable/],
    mend: clearFaults,
    again: true,
    over: [/"slug": "ubuntu-22.04"/],
  },
  {
    section: "engine_setup_failed",
    async provoke() {
      await fault("agent_fails", { path: "**" }, { message: "No space left on device" });
      return createFails("database");
    },
    look: [/set_up_engine +engine_setup_failed/, /No space left on device/],
    mend: clearFaults,
    again: true,
  },
  {
    section: "engine_refused",
    async provoke() {
      const { data } = (await stage.api.createDatabase(`runbook-${++made}`)).body;
      await stage.api.actionEnd(data.action_id);
      await fault("engine_refuses", { path: "**" }, { message: "password authentication failed" });
      const restart = (await stage.api.actOnDatabase(data.id, "restart")).body.data;
      expect((await stage.api.actionEnd(restart.id)).error?.code).toBe("engine_refused");
      return { ACTION: restart.id, RESOURCE: data.id, REGION };
    },
    look: [/restart +db_\w+ .*engine_refused/, /password authentication failed/],
    mend: clearFaults,
    do: [/"type": "rotate_credentials"/],
    over: [/"type": "rotate_credentials"/],
  },
  {
    section: "instance_missing",
    async provoke() {
      const names = await createServer();
      await removeInstance(instanceName(names.RESOURCE));
      return names;
    },
    look: [/instance_missing +us-east-1 +srv_\w+/, /"workers": 1/],
    do: [/instance_missing +us-east-1 +srv_\w+ +repaired/],
    over: [/0 differences/],
  },
  {
    section: "deadline_exceeded",
    async provoke() {
      const names = await createServer();
      await fault("error_before", HOSTS, { status: 503, message: "daemon is starting" });
      // By the API in this process, whose deadlines tests can shorten.
      shortenDeadlines(stage.world, "delete");
      const { id: ACTION } = (await stage.world.api.deleteServer(names.RESOURCE)).body.data;
      restoreDeadlines(stage.world);
      expect((await stage.api.actionEnd(ACTION)).error?.code).toBe("deadline_exceeded");
      return { ...names, ACTION };
    },
    look: [/delete +srv_\w+ .*deadline_exceeded/, /error +deadline_exceeded/, /left over +\w+.*delete_instance/],
    mend: clearFaults,
    do: [/resource_without_action +us-east-1 +srv_\w+ +repaired/],
    over: [/0 differences/],
  },
  {
    section: "no_capacity",
    async provoke() {
      for (;;) {
        const { status, body } = await stage.api.createServer(`runbook-${++made}`);
        if (status === 503) {
          expect(body.error.code).toBe("no_capacity");
          return { REGION, CODE: "no_capacity" };
        }
        await stage.api.actionEnd(body.data.action_id);
      }
    },
    look: [/"free": 0/, /0 of 0/, /0 differences/],
    do: [/0 differences/],
    async mend() {
      // In place of more addresses.
      const active = await stage.api.list("/v1/servers?status=active&per_page=100");
      for (const { id } of active) await stage.api.actionEnd((await stage.api.deleteServer(id)).body.data.id);
    },
    over: [/"status": "success"/],
  },
  {
    section: "quota_exceeded",
    async provoke() {
      await stage.operator.api.call("PATCH", `/v1/operator/accounts/${stage.accountId}`, {
        servers: 0,
        reason: "a test",
      });
      const { body } = await stage.api.createServer(`runbook-${++made}`);
      expect(body.error.code).toBe("quota_exceeded");
      return { ACCOUNT: stage.accountId };
    },
    look: [/"servers": \{\s+"limit": 0/, /0 differences/],
    do: [/"limit": 20/],
    over: [/"servers": \{\s+"limit": 20/],
    async after() {
      await stage.operator.api.call("PATCH", `/v1/operator/accounts/${stage.accountId}`, {
        servers: null,
        reason: "a test",
      });
    },
  },
  {
    section: "account_suspended",
    async provoke() {
      const { body } = await stage.operator.api.call("POST", "/v1/operator/accounts", {
        ...{ name: "runbook-suspended", reason: "a test" },
      });
      const { id: ACCOUNT } = body.data;
      await stage.operator.api.call("POST", `/v1/operator/accounts/${ACCOUNT}/suspend`, { reason: "unpaid" });
      return { ACCOUNT };
    },
    look: [/"status": "suspended"/, /"event": "account.suspend"/, /"reason": "unpaid"/],
    do: [/"status": "active"/],
    over: [/"status": "active"/],
  },
  {
    section: "unauthorized",
    async provoke() {
      return { ACCOUNT: stage.accountId };
    },
    look: [/"last_used_at"/],
    do: [/"token": "cn_live_sk_/],
  },
  {
    section: "resource_busy",
    async provoke() {
      const names = await createServer();
      holdId = await stage.operator.hold({ step: "shut_down_instance" });
      const stop = (await stage.api.actOnServer(names.RESOURCE, "stop")).body.data;
      await stage.operator.waitsFor(holdId, stop.id);
      expect((await stage.api.actOnServer(names.RESOURCE, "reboot")).body.error.code).toBe("resource_busy");
      return { ...names, ACTION: stop.id };
    },
    look: [/held +before shut_down_instance/],
    mend: () => stage.operator.release(holdId ?? ""),
    over: [/act_\w+ succeeded/],
  },
  {
    section: "ActionsFail",
    async provoke() {
      await fault("disk_full", MAKES_INSTANCE);
      return createFails();
    },
    look: [/storage_full/, /cloudnexus_actions_ended_total\{.*code="storage_full"\} \d/],
    mend: clearFaults,
    do: [/^hld_\w+ is in force$/m, /\d+ would be tried again[\s\S]*rty_\w+ succeeded: \d+ begun/],
  },
  {
    section: "HoldForgotten",
    async provoke() {
      holdId = await stage.operator.hold({ step: "create_instance" }, "the pool is being grown");
      const { id: RESOURCE, action_id: ACTION } = (await stage.api.createServer(`runbook-${++made}`)).body.data;
      await stage.operator.waitsFor(holdId, ACTION);
      return { ACTION, RESOURCE, REGION };
    },
    look: [/hld_\w+ .*the pool is being grown/, /cloudnexus_held_actions\{.*\} [1-9]/],
    mend: () => stage.operator.release(holdId ?? ""),
    over: [/^(?![\s\S]*hld_)/],
    async after({ ACTION = "" }) {
      expect((await stage.api.actionEnd(ACTION)).status).toBe("succeeded");
    },
  },
  {
    section: "AuditDifferences",
    async provoke() {
      const names = await createServer();
      await stage.world.sql("UPDATE servers SET deleted_at = now() WHERE id = $1", [names.RESOURCE]);
      return names;
    },
    look: [/quota_hold_orphaned +srv_\w+ +found/, /instance_orphaned +us-east-1 +srv_\w+ +found/],
    do: [/quota_hold_orphaned +srv_\w+ +repaired/],
    over: [/instance_orphaned/],
    async after({ RESOURCE = "" }) {
      await removeInstance(instanceName(RESOURCE));
      await stage.operator.api.call("POST", "/v1/operator/audits", { repair: true, reason: "a test" });
    },
  },
  {
    section: "RegionNotCompared",
    async provoke() {
      await fault("error_before", HOSTS, { status: 503, message: "daemon is starting" });
      return { REGION };
    },
    look: [
      /"workers": 1/,
      /us-east-1: .*; .*\n[\s\S]*audit adt_\w+ incomplete/,
      /"activityType":"auditRegion"\n"message":".*daemon is starting/,
    ],
    mend: clearFaults,
    over: [/audit adt_\w+ succeeded/],
  },
  {
    section: "RunningActionsUnknown",
    async provoke() {
      await stage.killWorker();
      await waitUntil("it is missed", async () => (await stage.api.get("/readyz")).status === 503);
      return {};
    },
    look: [/no worker is polling/, /Failed to connect|Couldn't connect/],
    mend: () => stage.startWorker(),
    over: [/cloudnexus_actions_running\{resource="server",action="create"\} 0/, /0 of 0/],
  },
];

describe.each(sampled("runbooks", SCENARIOS))("$section", (scenario) => {
  it("shows what it says, does what it says, and is over then", async () => {
    const section = sections.get(scenario.section);
    if (!section) throw new Error(`there is no section ${scenario.section}`);
    const names = await scenario.provoke();
    await expectText(section, "look", names, scenario.look);
    if (!scenario.mendsLast) await scenario.mend?.(names);
    await expectText(section, "do", names, scenario.do ?? []);
    if (scenario.mendsLast) await scenario.mend?.(names);
    if (scenario.again) {
      const text = await stage.run(scripts(tryAgain), names);
      expect(text).toMatch(/[1-9]\d* would be tried again/);
      expect(text).toMatch(/rty_\w+ succeeded: [1-9]\d* begun, 0 skipped/);
    }
    await expectText(section, "over", names, scenario.over ?? []);
    await scenario.after?.(names);
  });
});

async function expectText(section: Section, kind: Block["kind"], names: Names, expected: RegExp[]): Promise<void> {
  const blocks = section.blocks.filter((block) => block.kind === kind);
  if (expected.length > 0) expect(blocks, `${section.heading} has no block to ${kind}`).not.toEqual([]);
  if (blocks.length === 0) return;
  const carryOut = async () => {
    const text = await stage.run(scripts(blocks), names);
    for (const pattern of expected) expect(text).toMatch(pattern);
    // Neither a command line that is wrong nor a command that is not there.
    expect(text).not.toMatch(/command not found|: needs|Usage:|unbound variable/);
  };
  if (kind === "do") await carryOut();
  // Changes nothing, and log and metrics come a moment later.
  else await vi.waitFor(carryOut, PATIENT);
}

function scripts(blocks: Block[]): string {
  return blocks.map(({ script }) => script).join("\n");
}
