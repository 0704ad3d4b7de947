import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApiClient, Data } from "../support/api-client.ts";
import { ApiProcess } from "../support/api-processes.ts";
import { followEvents } from "../support/event-stream.ts";
import { createWorld, type World } from "../support/world.ts";

/** What one API process revokes, as another one sees it that has just let it through. */

const WITHIN_MS = 1_000;
/** Revoked one after the other: each at another moment of what the other process remembers. */
const KEYS = 8;

let world: World;
let one: ApiProcess;
let other: ApiProcess;

beforeAll(async () => {
  world = await createWorld();
  [one, other] = await Promise.all([ApiProcess.start(world), ApiProcess.start(world)]);
});
afterAll(async () => {
  await Promise.all([one.kill(), other.kill()]);
  await world.close();
});

async function makeKey(name: string): Promise<{ id: string; token: string }> {
  const { body } = await one.client.call("POST", "/v1/api_keys", { name, scopes: ["servers:read"] });
  return body.data as Data & { token: string };
}

/** Asks until it is refused. When it was let through last, on the clock of `performance.now()`. */
async function lastLetThrough(client: ApiClient): Promise<number> {
  let last = 0;
  for (;;) {
    const { status } = await client.get("/v1/servers");
    if (status !== 200) {
      expect(status).toBe(401);
      return last;
    }
    last = performance.now();
  }
}

it("a revoked key is let through by the other process for a second at most, counted from the answer to the revocation", async () => {
  for (let n = 1; n <= KEYS; n++) {
    const { id, token } = await makeKey(`asks-${n}`);
    const there = other.as(token);
    expect((await there.get("/v1/servers")).status).toBe(200);
    const last = lastLetThrough(there);
    expect((await one.client.call("DELETE", `/v1/api_keys/${id}`)).status).toBe(200);
    const revokedAt = performance.now();
    expect((await last) - revokedAt).toBeLessThanOrEqual(WITHIN_MS);
    expect((await one.as(token).get("/v1/servers")).status).toBe(401);
  }
});

it("streams of a revoked key end at both processes within a second", async () => {
  const { id, token } = await makeKey("follows");
  const streams = await Promise.all([one, other].map(({ client }) => followEvents(client.address, token)));
  expect((await one.client.call("DELETE", `/v1/api_keys/${id}`)).status).toBe(200);
  const revokedAt = performance.now();
  await Promise.all(streams.map(({ ended }) => ended));
  expect(performance.now() - revokedAt).toBeLessThanOrEqual(WITHIN_MS);
});
