import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningPostgres, startPostgres } from "../../scripts/platform/postgres.ts";
import { migrate } from "../../src/store/migrate.ts";
import type { Answer } from "../support/api-client.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const CLIENTS = 4;
/** Accepted before PostgreSQL goes, and after it is back. */
const EACH = 3;

let dataDir: string;
let postgres: RunningPostgres;
let world: World;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "cn-restart-"));
  postgres = await startPostgres({ dataDir });
  await migrate(postgres.url);
  world = await createWorld({ addresses: 240, database: { url: postgres.url, drop: () => Promise.resolve() } });
  await world.startWorker();
});
afterAll(async () => {
  await world.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** As `pg_ctl stop -m immediate` does it: no checkpoint, no goodbye; the next start recovers from the log. */
async function stopAtOnce(): Promise<void> {
  const { background } = postgres;
  if (!background) throw new Error("PostgreSQL was not started here");
  process.kill(background.pid, "SIGQUIT");
  await background.exited;
}

it("a PostgreSQL that is stopped at once and started again: 503 meanwhile, and every accepted request is carried out once", async () => {
  const answers: Answer[] = [];
  const accepted = new Map<string, string>();
  let isOver = false;
  /** A customer's program: it repeats each request, with its key, until it is accepted. */
  const client = async (number: number) => {
    for (let round = 1; !isOver; round++) {
      const name = `client-${number}-${round}`;
      for (;;) {
        const answer = await world.api.createServer(name, {}, { "Idempotency-Key": name });
        answers.push(answer);
        if (answer.status === 201) {
          accepted.set(name, answer.body.data.id);
          break;
        }
        // The next try is not before somebody has looked: a refusal comes at once.
        await world.api.get("/healthz");
      }
    }
  };
  const enough = async (what: string, target: number) => waitUntil(what, () => accepted.size >= target);
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number));
  await enough("some are accepted", CLIENTS * EACH);
  const answeredBefore = [...accepted];

  await stopAtOnce();
  await waitUntil("a create is refused", () => answers.some(({ status }) => status === 503));
  const readiness = await world.api.get("/readyz");
  expect(readiness.status).toBe(503);
  expect(readiness.body.error.details).toContainEqual({ field: "database", issue: "the database does not answer" });
  const read = await world.api.get("/v1/servers");
  expect(read).toMatchObject({ status: 503, body: { error: { code: "service_unavailable" } } });
  expect(read.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect((await world.api.get("/healthz")).status).toBe(200);

  postgres = await startPostgres({ dataDir });
  const before = accepted.size;
  await enough("creates are accepted again", before + CLIENTS * EACH);
  const [[name, id] = ["", ""]] = answeredBefore;
  const replay = await world.api.createServer(name, {}, { "Idempotency-Key": name });
  expect(replay).toMatchObject({ status: 201, body: { data: { id } } });
  expect(replay.headers.get("idempotent-replayed")).toBe("true");
  isOver = true;
  await Promise.all(clients);

  await waitUntil("it is ready", async () => (await world.api.get("/readyz")).status === 200);
  expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([201, 503]);
  for (const refused of answers.filter(({ status }) => status === 503)) {
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  }
  await waitUntil("every action has ended", async () => {
    return (await world.sql("SELECT 1 FROM actions WHERE status = 'running'")).length === 0;
  });
  const rows = await world.sql<{ name: string; id: string }>("SELECT name, id FROM servers");
  expect(new Map(rows.map(({ name, id }) => [name, id]))).toEqual(accepted);
  const [ends] = await world.sql(`
    SELECT (SELECT count(*)::int FROM servers WHERE status = 'active') AS active,
      (SELECT count(*)::int FROM servers WHERE status NOT IN ('active', 'failed')) AS lost,
      (SELECT count(*)::int FROM actions) AS actions`);
  expect(ends).toEqual({ active: accepted.size, lost: 0, actions: accepted.size });
});
