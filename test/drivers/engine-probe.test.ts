import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { startPostgres } from "../../scripts/platform/postgres.ts";
import type { EngineName, EngineTarget } from "../../src/drivers/compute.ts";
import { createTcpProbe } from "../../src/drivers/probe/tcp-probe.ts";
import { waitUntil } from "../support/wait.ts";
import { certified, type Identity, selfSigned } from "./certificates.ts";
import { failure } from "./contract.ts";
import { type FakeEngine, fakeMysql, fakeRedis, silentTls } from "./fake-engines.ts";

const HOST = "127.0.0.1";
const probe = createTcpProbe();
let authority: Identity;
let identity: Identity;
let elsewhere: Identity;
let stranger: Identity;
const engines: FakeEngine[] = [];

beforeAll(async () => {
  [authority, stranger] = await Promise.all([selfSigned("region"), selfSigned("stranger")]);
  [identity, elsewhere] = await Promise.all([certified(authority, HOST), certified(authority, "127.0.0.9")]);
});

afterEach(async () => {
  const open = engines.map((engine) => waitUntil("no connection is left", () => engine.open() === 0, 10_000));
  await Promise.all(open).finally(() => Promise.all(engines.splice(0).map((engine) => engine.close())));
});

async function started(engine: Promise<FakeEngine>): Promise<number> {
  engines.push(await engine);
  return engines.at(-1)?.port ?? 0;
}

function tls({ certificate, key }: Identity): { cert: string; key: string } {
  return { cert: certificate, key };
}

function target(engine: EngineName, port: number, change: Partial<EngineTarget> = {}): EngineTarget {
  const login = { user: "app", password: "right", database: engine === "redis" ? null : "app" };
  return { engine, host: HOST, port, ...login, ca: authority.certificate, ...change };
}

function attempts(timeoutMs = 20_000, onAttempt: (attempt: number) => void = () => undefined) {
  return { timeoutMs, signal: new AbortController().signal, onAttempt };
}

const FAKES = [
  ["redis", (tlsOptions: object) => fakeRedis(tlsOptions, "right")],
  ["mysql", (tlsOptions: object) => fakeMysql(tlsOptions)],
] as const;

describe.each(FAKES)("asking %s", (engine, start) => {
  test("is answered over a certificate that names the address", async () => {
    const port = await started(start(tls(identity)));
    await expect(probe.queryEngine(target(engine, port), attempts())).resolves.toBeUndefined();
  });
});

describe.each([...FAKES, ["mongodb", silentTls] as const])("the certificate of %s", (engine, start) => {
  test.each([
    ["names another address", () => elsewhere],
    ["is signed by another authority", () => stranger],
  ])("is refused when it %s", async (_what, shown) => {
    const port = await started(start(tls(shown())));
    const asked = probe.queryEngine(target(engine, port), attempts());
    await expect(asked).rejects.toMatchObject({
      ...failure("engine_refused", false),
      message: expect.stringMatching(/certificate|altnames/),
    });
  });
});

describe("asking an engine", () => {
  test("a wrong password is its last word", async () => {
    const redis = await started(fakeRedis(tls(identity), "another"));
    const mysql = await started(fakeMysql(tls(identity), 1045));
    for (const asked of [target("redis", redis), target("mysql", mysql)])
      await expect(probe.queryEngine(asked, attempts())).rejects.toMatchObject(failure("engine_refused", false));
  });

  test("one that still reads its data is asked again", async () => {
    const port = await started(fakeRedis(tls(identity), "right", "-LOADING Redis is loading the dataset in memory"));
    let count = 0;
    const asked = probe.queryEngine(
      target("redis", port),
      attempts(1_000, () => count++),
    );
    await expect(asked).rejects.toMatchObject({
      ...failure("boot_timeout", false),
      message: expect.stringContaining("LOADING"),
    });
    expect(count).toBeGreaterThan(1);
  });

  test.each(["postgresql", "mysql", "redis", "mongodb"] as const)(
    "a port of %s on which nobody listens is a boot_timeout",
    async (engine) => {
      const port = await started(silentTls(tls(identity)));
      await engines.pop()?.close();
      const asked = probe.queryEngine(target(engine, port), attempts(500));
      await expect(asked).rejects.toMatchObject(failure("boot_timeout", false));
    },
  );

  test.each(["postgresql", "mysql", "redis", "mongodb"] as const)(
    "an abort ends it with its own reason, in the middle of a talk with a silent %s, and leaves no connection",
    async (engine) => {
      const port = await started(silentTls(tls(identity)));
      const controller = new AbortController();
      const asked = probe.queryEngine(target(engine, port), { ...attempts(), signal: controller.signal });
      const ended = expect(asked).rejects.toThrow("cancelled");
      await waitUntil("the client is connected", () => (engines[0]?.open() ?? 0) > 0);
      controller.abort(new Error("cancelled"));
      await ended;
    },
  );
});

describe("asking a real PostgreSQL", () => {
  let port: number;
  let plainPort: number;

  beforeAll(async () => {
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "cn-probe-postgres-")));
    const [secure, plain] = await Promise.all(folders.map((dataDir) => startPostgres({ dataDir, durable: false })));
    if (!secure || !plain) throw new Error("there are two");
    [port, plainPort] = [Number(new URL(secure.url).port), Number(new URL(plain.url).port)];
    const client = new pg.Client({ connectionString: secure.url });
    await client.connect();
    const cluster = join(folders[0] ?? "", "postgres/cluster");
    writeFileSync(join(cluster, "server.crt"), identity.certificate);
    writeFileSync(join(cluster, "server.key"), identity.key, { mode: 0o600 });
    await client.query("ALTER SYSTEM SET ssl = on");
    await client.query("SELECT pg_reload_conf()");
    await client.query("CREATE ROLE app LOGIN PASSWORD 'right'");
    await client.query("CREATE DATABASE app OWNER app");
    await client.end();
    return async () => {
      await Promise.all([secure.stop(), plain.stop()]);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    };
  });

  test("is answered", async () => {
    await expect(probe.queryEngine(target("postgresql", port), attempts())).resolves.toBeUndefined();
  });

  test.each([
    ["the password is wrong", { password: "wrong" }, /password authentication failed/],
    ["the user is unknown", { user: "nobody" }, /password authentication failed/],
    ["the database is unknown", { database: "absent" }, /does not exist/],
  ])("is refused when %s", async (_what, change, said) => {
    const asked = probe.queryEngine(target("postgresql", port, change), attempts());
    await expect(asked).rejects.toMatchObject({
      ...failure("engine_refused", false),
      message: expect.stringMatching(said),
    });
  });

  test("is refused when its certificate is signed by another authority, or names another address", async () => {
    const foreign = target("postgresql", port, { ca: stranger.certificate });
    await expect(probe.queryEngine(foreign, attempts())).rejects.toMatchObject(failure("engine_refused", false));
    // The same server under another of its addresses; one that does not listen there would be a boot_timeout.
    const refusal = probe.queryEngine(target("postgresql", port, { host: "localhost" }), attempts());
    await expect(refusal).rejects.toMatchObject(failure("engine_refused", false));
  });

  test("is refused when it does not speak TLS", async () => {
    const asked = probe.queryEngine(target("postgresql", plainPort), attempts());
    await expect(asked).rejects.toMatchObject({
      ...failure("engine_refused", false),
      message: expect.stringContaining("SSL"),
    });
  });
});
