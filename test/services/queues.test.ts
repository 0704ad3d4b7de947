import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { startApi } from "../../src/start-api.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { ApiClient } from "../support/api-client.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

interface Queue {
  name: string;
  kind: string;
  region: string | null;
  backlog: number;
  oldest_seconds: number | null;
  added_per_second: number;
  dispatched_per_second: number;
  workers: number;
}

let world: World;
let operator: Operator;

beforeAll(async () => {
  world = await createWorld();
  operator = await createOperator(world);
});
afterAll(() => world.close());

const queues = async () => (await operator.api.get("/v1/operator/queues")).body.data as unknown as Queue[];

describe("the task queues", () => {
  it("show what waits while no worker is there, for how long, and that nobody asks for it", async () => {
    await world.api.createServer("waits");
    let seen: Queue[] = [];
    await waitUntil("its first task has waited for a second", async () => {
      seen = await queues();
      return seen.some((queue) => (queue.oldest_seconds ?? 0) >= 1);
    });
    expect(seen[0]).toMatchObject({ kind: "workflow", region: null, workers: 0 });
    expect(seen[0]?.backlog).toBeGreaterThanOrEqual(1);
  });

  it("are those of the workflows and of each region, and empty once workers take what waits", async () => {
    await world.startWorker();
    let seen: Queue[] = [];
    await waitUntil("workers have taken everything", async () => {
      seen = await queues();
      return seen.every(({ backlog, workers }) => backlog === 0 && workers === 1);
    });
    const prefix = world.config.temporal.taskQueuePrefix;
    expect(seen.map(({ name, kind, region }) => [name, kind, region])).toEqual([
      [`${prefix}-workflows`, "workflow", null],
      [`${prefix}-workflows`, "activity", null],
      [`${prefix}-region-us-east-1`, "activity", "us-east-1"],
      [`${prefix}-region-eu-west-2`, "activity", "eu-west-2"],
    ]);
    for (const { oldest_seconds: oldest } of seen) expect(oldest).toBeNull();
    expect(seen.some((queue) => queue.dispatched_per_second > 0)).toBe(true);
  });

  it("are not shown while Temporal is away, which the answer says", async () => {
    const temporal = { ...world.config.temporal, address: `127.0.0.1:${await freePort()}` };
    const logger = createLogger({ level: "silent", name: "test" });
    const api = await startApi({ ...world.config, temporal, bootstrapApiKey: API_KEY }, logger);
    try {
      expect(await new ApiClient(api.address, operator.token).get("/v1/operator/queues")).toMatchObject({
        status: 503,
        body: { error: { code: "service_unavailable", message: "Temporal does not answer." } },
      });
    } finally {
      await api.stop();
    }
  });
});
