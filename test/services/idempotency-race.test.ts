import { afterAll, beforeAll, expect, it } from "vitest";
import { sampledRounds } from "../support/fault-sample.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const ROUNDS = sampledRounds(200);
const AT_ONCE = 50;
const TIMEOUT_MS = 900_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ addresses: ROUNDS });
  await world.startWorker();
});
afterAll(() => world.close());

/** As customers do it: whoever waits for a twin for 3 s, on a machine that is full, is told to come again. */
async function createOnce(name: string) {
  for (;;) {
    const answer = await world.api.createServer(name, {}, { "Idempotency-Key": name });
    if (answer.status !== 409 || answer.body.error.code !== "request_in_progress") return answer;
  }
}

it(`makes one server of ${AT_ONCE} requests at once, ${ROUNDS} times`, { timeout: TIMEOUT_MS }, async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    const name = `round-${round}`;
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => createOnce(name)));
    expect(new Set(answers.map(({ status }) => status)), name).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.data.id)).size, name).toBe(1);
    expect(new Set(answers.map(({ body }) => body.data.ipv4)).size, name).toBe(1);
    const isFirst = answers.filter(({ headers }) => headers.get("idempotent-replayed") === null);
    expect(isFirst, name).toHaveLength(1);
  }
  await waitUntil("every create has ended", async () => {
    return (await world.sql("SELECT 1 FROM actions WHERE status = 'running'")).length === 0;
  });
  const [made] = await world.sql(`
    SELECT (SELECT count(*)::int FROM servers WHERE status = 'active') AS servers, (SELECT count(*)::int FROM actions) AS actions,
      (SELECT count(*)::int FROM ip_addresses WHERE resource_id IS NOT NULL) AS addresses`);
  expect(made).toEqual({ servers: ROUNDS, actions: ROUNDS, addresses: ROUNDS });
});
