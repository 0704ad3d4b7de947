import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, waitUntilGone } from "../../scripts/platform/live-process.ts";
import { type RunningPostgres, runningPostgresUrl, startPostgres } from "../../scripts/platform/postgres.ts";

describe("the embedded PostgreSQL", () => {
  let dataDir: string;
  let running: RunningPostgres | undefined;
  const start = async (durable = false) => {
    running = await startPostgres({ dataDir, durable });
    return running;
  };
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "cn-pg-"));
  });
  afterEach(async () => {
    await running?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("finds its data and its address again after a stop", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    expect(runningPostgresUrl(dataDir)).toBeNull();
    const second = await start();
    expect([second.url, runningPostgresUrl(dataDir)]).toEqual([first.url, first.url]);
    expect(await query(second.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  });

  it("takes over a server that outlived its starter, and ends it too", async () => {
    const first = await start();
    const pid = first.background?.pid ?? 0;
    const second = await start();
    expect(second.background).toBeNull();
    expect(await query(second.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await second.stop();
    expect(await isAlive(pid)).toBe(false);
  });

  it("starts after a kill -9 of the server", async () => {
    const first = await start(true);
    await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    const pid = first.background?.pid ?? 0;
    process.kill(pid, "SIGKILL");
    await waitUntilGone(pid, 10_000);
    const second = await start(true);
    expect(await query(second.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  });

  it("asks for its password, which only its owner can read", async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = "wrong";
    await expect(query(wrong.toString(), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    const passwordFile = join(dataDir, "postgres/password");
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
    expect(url).toContain(readFileSync(passwordFile, "utf8"));
  });
});

async function query(url: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}
