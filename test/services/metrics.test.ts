import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { freePort } from "../../scripts/platform/ports.ts";
import { ERROR_CODES, OPERATORS_CODES } from "../../src/domain/error-codes.ts";
import { EVERY_ACTION } from "../../src/telemetry/metrics.ts";
import { ApiClient } from "../support/api-client.ts";
import { createAuditor } from "../support/audits.ts";
import { createOperator } from "../support/operator.ts";
import { spawnProcess, type TestProcess } from "../support/processes.ts";
import { askedIn, samplesIn } from "../support/prometheus.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { readRunbook } from "../support/runbooks.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}

const dashboard = JSON.parse(
  readFileSync(new URL("../../deploy/grafana/cloudnexus.json", import.meta.url), "utf8"),
) as Dashboard;
const { groups } = parse(readFileSync(new URL("../../deploy/alerts.yml", import.meta.url), "utf8")) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};
const alarms = groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr]));
const expressions = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [string, string] => [title, expr]),
);

let world: World;
const processes: TestProcess[] = [];
let metricsAddresses: Record<"api" | "worker", string>;
let accountIds: string[];
let apiAddress: string;

/** A process as `npm run api` and `npm run worker` start it, with its metrics. */
async function start(file: string, ready: string, environment: Record<string, string>): Promise<void> {
  processes.push(await spawnProcess(file, ready, { ...world.environment, LOG_LEVEL: "info", ...environment }));
}

const metricsOf = async (process: "api" | "worker") => {
  const response = await fetch(metricsAddresses[process]);
  expect(response.headers.get("content-type")).toContain("text/plain");
  return samplesIn(await response.text());
};
const valueOf = async (process: "api" | "worker", name: string, labels: Record<string, string>) => {
  const found = (await metricsOf(process)).filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return found.reduce((sum, { value }) => sum + value, 0);
};

beforeAll(async () => {
  world = await createWorld();
  const [apiPort, apiMetrics, workerMetrics] = [await freePort(), await freePort(), await freePort()];
  metricsAddresses = {
    api: `http://127.0.0.1:${apiMetrics}/metrics`,
    worker: `http://127.0.0.1:${workerMetrics}/metrics`,
  };
  await Promise.all([
    start("src/server.ts", "api ready", { PORT: String(apiPort), METRICS_PORT: String(apiMetrics) }),
    start("src/worker.ts", "worker ready", { METRICS_PORT: String(workerMetrics) }),
  ]);
  apiAddress = `http://127.0.0.1:${apiPort}`;
  const api = new ApiClient(apiAddress, API_KEY);

  // One create that succeeds, one that fails, one request that is refused, one that is no HTTP.
  const good = await api.createServer("measured");
  await api.actionEnd(good.body.data.action_id);
  await world.simulator.addFault({ match: { method: "POST", path: "/1.0/instances" }, kind: "disk_full", count: 1 });
  const bad = await api.createServer("fails");
  expect((await api.actionEnd(bad.body.data.action_id)).status).toBe("failed");
  expect((await api.createServer("measured")).status).toBe(409);
  await api.call("GET", `/made/up/${good.body.data.id}`).catch(() => undefined);
  const broken = await RawConnection.open(api.address);
  broken.send("no http\r\n\r\n");
  await broken.end();
  // What the gauges of the auditor tell.
  await (await createAuditor(world)).audit();
  accountIds = (await world.sql<{ id: string }>("SELECT id FROM accounts")).map(({ id }) => id);
  // The SDK counts the end of a workflow a moment after its action has ended.
  await waitUntil("both workflows are counted", async () => {
    const ends = (await metricsOf("worker")).filter(
      ({ name }) => name === "temporal_workflow_endtoend_latency_seconds_count",
    );
    return (
      ends
        .filter(({ labels }) => labels["workflow_type"] === "createServer")
        .reduce((sum, { value }) => sum + value, 0) >= 2
    );
  });
});
afterAll(async () => {
  for (const process of processes) await process.kill("SIGTERM");
  await world.close();
});

describe("the dashboard", () => {
  it("asks for something in every panel", () => {
    expect(expressions.length).toBeGreaterThan(15);
    for (const [, expression] of expressions) expect(askedIn(expression).names).not.toEqual([]);
  });

  it.each(expressions)("%s: %s", async (_title, expression) => {
    await expectExported(expression);
  });
});

describe("the alarms", () => {
  // Prometheus itself says whether a process answers.
  it.each(alarms.filter(([alert]) => alert !== "ProcessDown"))("%s: %s", async (_alert, expression) => {
    await expectExported(expression);
  });

  it("see the first failure: what they count is there before it", async () => {
    const failed = (await metricsOf("worker")).filter(({ name }) => name === "cloudnexus_actions_ended_total");
    for (const code of OPERATORS_CODES) {
      const series = failed.filter(({ labels }) => labels["code"] === code && labels["outcome"] === "failed");
      expect(series.map(({ labels }) => `${labels["resource"]} ${labels["action"]}`)).toEqual(
        EVERY_ACTION.map(({ resource, type }) => `${resource} ${type}`),
      );
    }
    for (const name of ["cloudnexus_sweep_unstarted_actions_total", "cloudnexus_workflow_task_failures_total"]) {
      expect(await seriesOf("worker", name), name).not.toEqual([]);
    }
  });
});

describe("the runbooks", () => {
  it("name metrics that are exported", async () => {
    const texts = ["README.md", "alarms.md", "operators.md", "customers.md"].map(readRunbook).join("\n");
    const exported = [...(await metricsOf("api")), ...(await metricsOf("worker"))].map(({ name }) => name);
    const named = [...new Set(texts.match(METRIC))];
    expect(named.length).toBeGreaterThan(8);
    // A pattern of grep may end before the name does.
    for (const name of named)
      expect(
        exported.some((one) => one.startsWith(name)),
        name,
      ).toBe(true);
  });
});

/** Names of metrics in prose and patterns; settings and search attributes are written otherwise. */
const METRIC = /\b(?:cloudnexus|temporal|nodejs|process)_[a-z0-9_]+/g;

const seriesOf = async (process: "api" | "worker", name: string) =>
  (await metricsOf(process)).filter((sample) => sample.name === name);

async function expectExported(expression: string): Promise<void> {
  const samples = [...(await metricsOf("api")), ...(await metricsOf("worker"))];
  const { names, labels } = askedIn(expression);
  expect(names).not.toEqual([]);
  for (const name of names) {
    const series = samples.filter((sample) => sample.name === name);
    expect(series, `nothing exports ${name}`).not.toEqual([]);
    const known = new Set(series.flatMap((sample) => Object.keys(sample.labels)));
    // Prometheus adds where it has it from.
    known.add("instance").add("job");
    for (const label of labels) expect(known, `${name} has no label ${label}`).toContain(label);
  }
}

describe("the metrics of the API", () => {
  it("count requests by route, method and status, errors by code, and connections that were refused", async () => {
    const created = { method: "POST", route: "/v1/servers", status: "201" };
    expect(await valueOf("api", "cloudnexus_http_requests_total", created)).toBe(2);
    expect(await valueOf("api", "cloudnexus_http_requests_total", { route: "unmatched", status: "404" })).toBe(1);
    expect(await valueOf("api", "cloudnexus_http_request_duration_seconds_count", { route: "/v1/servers" })).toBe(3);
    expect(await valueOf("api", "cloudnexus_http_errors_total", { code: "name_taken" })).toBe(1);
    expect(await valueOf("api", "cloudnexus_http_connections_refused_total", { code: "malformed_request" })).toBe(1);
    expect(await valueOf("api", "cloudnexus_http_requests_in_flight", {})).toBe(0);
    expect(await valueOf("api", "cloudnexus_db_pool_connections", { state: "total" })).toBeGreaterThan(0);
  });
});

describe("the open streams of events", () => {
  it("are counted as long as they are open", async () => {
    const open = () => valueOf("api", "cloudnexus_open_event_streams", {});
    expect(await open()).toBe(0);
    const leaving = new AbortController();
    const headers = { authorization: `Bearer ${API_KEY}` };
    const { status } = await fetch(`${apiAddress}/v1/events`, { headers, signal: leaving.signal });
    expect(status).toBe(200);
    expect(await open()).toBe(1);
    leaving.abort();
    await waitUntil("the stream is closed", async () => (await open()) === 0);
  });
});

describe("the metrics of the worker", () => {
  it("tell what the latest audit found, of every region and class", async () => {
    const region = "us-east-1";
    expect(await valueOf("worker", "cloudnexus_audit_differences", { region, class: "instance_missing" })).toBe(0);
    expect(await valueOf("worker", "cloudnexus_audit_owned", { region })).toBe(1);
    expect(await valueOf("worker", "cloudnexus_audit_found", { region })).toBe(1);
    expect(await valueOf("worker", "cloudnexus_audit_uncompared", {})).toBe(0);
  });

  it("count ends of actions and steps, with the code of a failure", async () => {
    const create = { resource: "server", action: "create" };
    expect(await valueOf("worker", "cloudnexus_actions_ended_total", { ...create, outcome: "succeeded" })).toBe(1);
    const failed = { ...create, outcome: "failed", code: "storage_full" };
    expect(await valueOf("worker", "cloudnexus_actions_ended_total", failed)).toBe(1);
    const step = { resource: "server", step: "create_instance" };
    const durations = "cloudnexus_step_duration_seconds_count";
    expect(await valueOf("worker", durations, { ...step, outcome: "succeeded" })).toBe(1);
    expect(await valueOf("worker", durations, { ...step, outcome: "failed" })).toBe(1);
    expect(await valueOf("worker", "cloudnexus_step_failures_total", { ...step, code: "storage_full" })).toBe(1);
    expect(await valueOf("worker", durations, { step: "release_ip_address", outcome: "succeeded" })).toBe(1);
  });

  it("tell what is held, and before which step", async () => {
    const operator = await createOperator(world, "holder");
    const hold = await operator.hold({ step: "create_instance" });
    const { action_id } = (await world.api.createServer("measured-held")).body.data;
    await operator.waitsFor(hold, action_id);
    const at = { region: "us-east-1", step: "create_instance" };
    expect(await valueOf("worker", "cloudnexus_held_actions", at)).toBe(1);
    expect(await valueOf("worker", "cloudnexus_held_actions", {})).toBe(1);
    await operator.release(hold);
    expect(await valueOf("worker", "cloudnexus_held_actions", {})).toBe(0);
    await world.api.actionEnd(action_id);
  });

  it("tell what runs, as the database has it", async () => {
    const fault = await world.simulator.addFault({
      match: { method: "POST", path: "/1.0/instances" },
      kind: "hold_before",
      count: 1,
    });
    const held = await world.api.createServer("held");
    await waitUntil("the create is held", () => world.simulator.isHolding(fault));
    const create = { resource: "server", action: "create" };
    expect(await valueOf("worker", "cloudnexus_actions_running", create)).toBe(1);
    expect(await valueOf("worker", "cloudnexus_actions_running_oldest_seconds", create)).toBeGreaterThan(0);
    await world.simulator.release(fault);
    await world.api.actionEnd(held.body.data.action_id);
    expect(await valueOf("worker", "cloudnexus_actions_running", create)).toBe(0);
  });
});

describe("the labels of our metrics", () => {
  it("hold no id, no account, no path, and no code that is not in the catalogue", async () => {
    const ours = [...(await metricsOf("api")), ...(await metricsOf("worker"))].filter(({ name }) =>
      name.startsWith("cloudnexus_"),
    );
    expect(ours.length).toBeGreaterThan(50);
    for (const { labels } of ours) {
      expect(Object.values(labels).join(" ")).not.toMatch(/\b(srv|db|act|key|acc|req|apk)_|made/);
      for (const id of accountIds) expect(Object.values(labels)).not.toContain(id);
      if (labels["code"]) expect(Object.keys(ERROR_CODES)).toContain(labels["code"]);
    }
  });
});

describe("the port of the metrics", () => {
  it("serves nothing else", async () => {
    const { origin } = new URL(metricsAddresses.api);
    expect((await fetch(`${origin}/v1/servers`)).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: "POST" })).status).toBe(404);
    const api = await fetch(`${world.api.address}/metrics`);
    expect(api.status).toBe(404);
  });
});
