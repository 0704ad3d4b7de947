import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeServerTls } from "../../scripts/platform/engines/certificates.ts";
import { connect, refusalOf } from "../../scripts/platform/engines/connect.ts";
import { EngineGuest } from "../../scripts/platform/engines/engine-guest.ts";
import type { EngineTarget } from "../../scripts/platform/engines/engine-session.ts";
import { ensureImage } from "../../scripts/platform/images/ensure-image.ts";
import { readRecipe, recipeNames } from "../../scripts/platform/images/recipe.ts";
import { consoleProgress } from "../../scripts/platform/progress.ts";
import { run } from "../../scripts/platform/run.ts";
import { ENGINE_ENDPOINTS } from "../../src/domain/database.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import { ENGINE_CASES } from "../support/engine-cases.ts";

/** A wish, as a developer changes one recipe: `E2E_ENGINES=redis-8,mysql-9`, or none. */
const WISH = process.env["E2E_ENGINES"]?.split(",");
const MEMORY_MIB = 1024;
const BUILD_TIMEOUT_MS = 900_000;
const [REGION] = E2E_REGIONS;
const NETWORK_RANGE = REGION.gateway.replace(/\.\d+$/, ".0/24");

const recipes = await Promise.all((await recipeNames()).map((name) => readRecipe(name)));
const engineRecipes = recipes.flatMap((recipe) => (recipe.engine ? [{ ...recipe, engine: recipe.engine }] : []));
const wanted = engineRecipes.filter(({ name }) => WISH === undefined || WISH.includes(name));

describe.each(wanted)("the image $name", ({ name, alias, engine }) => {
  const address = `${REGION.gateway.replace(/\.\d+$/, "")}.${230 + engineRecipes.findIndex((one) => one.name === name)}`;
  const passwords = { first: newPassword(), second: newPassword() };
  const words = ENGINE_CASES[engine.name];
  const { project, network, gateway, prefixLength } = REGION;
  const placement = { image: alias, project, network, gateway, prefixLength, address };
  const guest = new EngineGuest({
    name: `cloudnexus-image-e2e-${name}`,
    ...placement,
    memoryMib: MEMORY_MIB,
    vcpus: 1,
  });
  const seen: string[] = [];
  let target: EngineTarget;
  let setup: Record<string, unknown>;

  function asUser(user: unknown, password: string | null): EngineTarget {
    return { ...target, user: String(user), password };
  }

  async function read(as: EngineTarget): Promise<string> {
    const session = await connect(engine.name, as);
    try {
      return await session.query(words.read);
    } finally {
      await session.close();
    }
  }

  /** After a restart; the engine's own recovery included. */
  async function untilReadable(as: EngineTarget): Promise<string> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await read(as);
      } catch (error) {
        if (attempt === 150) throw error;
        await delay(200);
      }
    }
  }

  /** Arguments and environments of all processes in the guest, again and again. */
  async function watchProcesses(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      seen.push(await guest.execute("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; true"));
    }
  }

  /** Those who must not get in, from before the port is open; answers who did. */
  async function knock(signal: AbortSignal): Promise<string[]> {
    const intruders: [string, EngineTarget][] = [
      ["no password", { ...target, password: null }],
      ["a wrong password", { ...target, password: "not-the-password" }],
      ["plain text", { ...target, ca: null }],
      ["a superuser", { ...target, user: SUPERUSERS[engine.name], password: null }],
    ];
    const admitted: string[] = [];
    let rounds = 0;
    while (!signal.aborted || rounds === 0) {
      for (const [who, intruder] of intruders) {
        if ((await refusalOf(engine.name, intruder)) === undefined) admitted.push(who);
      }
      rounds++;
    }
    return admitted;
  }

  beforeAll(async () => {
    await ensureImage(consoleProgress(), name);
    const tls = await makeServerTls(address);
    const database = ENGINE_ENDPOINTS[engine.name].database;
    const access = { port: ENGINE_ENDPOINTS[engine.name].port, user: "app", password: passwords.first, database };
    target = { host: address, ca: tls.ca, ...access };
    setup = {
      ...{ kind: "setup", engine: engine.name, major: engine.major, address, prefix_length: prefixLength },
      ...{ memory_mib: MEMORY_MIB, vcpus: 1, tls, trusted_sources: [NETWORK_RANGE], ...access },
    };
    await guest.create();
  }, BUILD_TIMEOUT_MS);

  afterAll(() => guest.remove());

  test("is set up, and lets nobody else in from the first second on", async () => {
    await guest.writeRequest("act-1-setup", setup);
    await guest.start();
    const end = new AbortController();
    const [result, admitted] = await Promise.all([
      guest.waitForResult("act-1-setup", 120_000).finally(() => end.abort()),
      knock(end.signal),
      watchProcesses(end.signal),
    ]);
    expect(result).toMatchObject({ status: "succeeded", code: null, data: { user: "app" } });
    expect(admitted).toEqual([]);
    const version = (await run("incus", ["image", "get-property", alias, "cloudnexus.version"])).trim();
    expect(result.data["version"]).toBe(version);
    expect(version).toMatch(new RegExp(`^${engine.major.replaceAll(".", "\\.")}\\.\\d+`));
    expect(await refusalOf(engine.name, target)).toBeUndefined();
  });

  test("keeps what its user writes", async () => {
    const session = await connect(engine.name, target);
    for (const statement of words.write) await session.query(statement);
    await session.close();
    expect(await read(target)).toContain("kept");
  });

  test("forbids its user everything that is not its own", async () => {
    const allowed: string[] = [];
    for (const statement of words.forbidden) {
      const session = await connect(engine.name, target);
      await session.query(statement).then(
        () => allowed.push(statement),
        () => undefined,
      );
      await session.close().catch(() => undefined);
    }
    expect(allowed).toEqual([]);
    expect(await refusalOf(engine.name, target)).toBeUndefined();
  });

  test("has settings that follow its memory", async () => {
    const session = await connect(engine.name, target);
    for (const [statement, answer] of words.memory) expect(await session.query(statement)).toContain(answer);
    await session.close();
    const { memoryInside } = words;
    if (memoryInside) expect(await said(...memoryInside.command)).toContain(memoryInside.answer);
    const inside = await said("free", "--mebi");
    expect(inside).toMatch(/Mem:\s+1024/);
  });

  test("carries out a request once, however often it is delivered", async () => {
    const before = await said("stat", "--format=%y", "/var/lib/cloudnexus/results/act-1-setup.json");
    await guest.writeRequest("act-1-setup", { ...setup, password: newPassword() });
    await untilNoRequest();
    expect(await said("stat", "--format=%y", "/var/lib/cloudnexus/results/act-1-setup.json")).toBe(before);
    expect(await refusalOf(engine.name, target)).toBeUndefined();
  });

  test("may be set up again, and keeps its data", async () => {
    const result = await guest.request("act-2-setup", setup);
    expect(result.status).toBe("succeeded");
    expect(await untilReadable(target)).toContain("kept");
  });

  test("starts by itself after a restart, and after a power cut, with its data", async () => {
    await guest.restart();
    expect(await untilReadable(target)).toContain("kept");
    await guest.restart(true);
    expect(await untilReadable(target)).toContain("kept");
  });

  test("takes a new password beside the old one, then drops the old one", async () => {
    const added = await guest.request("act-3-add", { kind: "add_password", password: passwords.second });
    expect(added.status).toBe("succeeded");
    const second = asUser(added.data["user"], passwords.second);
    expect(await read(target)).toContain("kept");
    expect(await read(second)).toContain("kept");

    const repeated = await guest.request("act-3-add-again", { kind: "add_password", password: passwords.second });
    expect(repeated.data).toEqual(added.data);
    expect(await refusalOf(engine.name, target)).toBeUndefined();

    const unknown = await guest.request("act-4-drop", { kind: "drop_password", password: newPassword() });
    expect(unknown).toMatchObject({ status: "failed", code: "unknown_password" });
    expect(await refusalOf(engine.name, target)).toBeUndefined();

    const dropped = await guest.request("act-5-drop", { kind: "drop_password", password: passwords.second });
    expect(dropped).toMatchObject({ status: "succeeded", data: { user: added.data["user"] } });
    expect(await read(second)).toContain("kept");
    expect(await refusalOf(engine.name, target)).toBeDefined();
    target = second;

    await guest.restart();
    expect(await untilReadable(target)).toContain("kept");
    expect(await refusalOf(engine.name, asUser("app", passwords.first))).toBeDefined();
  });

  test("is reached from trusted sources only", async () => {
    const other = { kind: "trusted_sources", trusted_sources: ["192.0.2.0/24", "2001:db8::/32"] };
    expect((await guest.request("act-6-sources", other)).status).toBe("succeeded");
    expect(await refusalOf(engine.name, target)).toBeDefined();
    const ours = { kind: "trusted_sources", trusted_sources: [`${gateway}/32`, "192.0.2.0/24"] };
    expect((await guest.request("act-7-sources", ours)).status).toBe("succeeded");
    expect(await refusalOf(engine.name, target)).toBeUndefined();
  });

  test("answers a request that makes no sense with a failure", async () => {
    const results = [
      await guest.request("act-8-a", { kind: "explode" }),
      await guest.request("act-8-b", { ...setup, major: "99" }),
      await guest.request("act-8-c", { ...setup, user: 'x"; DROP' }),
    ];
    expect(results.map(({ code }) => code)).toEqual(["invalid_request", "engine_mismatch", "invalid_request"]);
    expect(await refusalOf(engine.name, target)).toBeUndefined();
  });

  test("tells its secrets to no process and no log", async () => {
    const secrets = [passwords.first, passwords.second, "not-the-password", "PRIVATE KEY"];
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.join("\n")).toContain("/usr/lib/cloudnexus/agent");
    const journal = await said("journalctl", "--no-pager", "--output=cat");
    expect(journal).toContain("act-1-setup: succeeded");
    const results = await said("sh", "-c", "cat /var/lib/cloudnexus/results/*");
    for (const secret of secrets) {
      for (const text of [...seen, journal, results]) expect(text).not.toContain(secret);
    }
    expect(await waitingRequests()).toBe(0);
  });

  test("has no way in but the engine, and nothing of the machine that built it", async () => {
    const listening = await said("ss", "--no-header", "--listening", "--tcp", "--udp", "--numeric");
    const open = listening.split("\n").filter((line) => line !== "" && !/127\.0\.0\.\d+|\[::1\]/.test(line));
    expect(open.map((line) => line.split(/\s+/)[4]?.replace("0.0.0.0", "*"))).toEqual([`*:${target.port}`]);
    const found = await guest.execute(
      "sh",
      "-c",
      "ls /etc/ssh/ssh_host_* /usr/sbin/sshd /usr/bin/cloud-init 2>/dev/null; true",
    );
    expect(found).toBe("");
  });

  test("is set up although the instance is cut off in the middle of it", async () => {
    await guest.create();
    await guest.writeRequest("act-1-setup", setup);
    await guest.start();
    await untilStep(/data|configuration|engine|backend/);
    await guest.restart(true);
    expect(await guest.waitForResult("act-1-setup", 120_000)).toMatchObject({ status: "succeeded" });
    expect(await refusalOf(engine.name, asUser("app", passwords.first))).toBeUndefined();
  });

  /** A command that prints something; Incus loses a short output now and then. */
  async function said(...command: string[]): Promise<string> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const output = await guest.execute(...command);
      if (output !== "") return output;
    }
    throw new Error(`${command.join(" ")} says nothing`);
  }

  async function waitingRequests(): Promise<number> {
    return Number(await said("sh", "-c", "ls /var/lib/cloudnexus/requests | wc --lines"));
  }

  async function untilNoRequest(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((await waitingRequests()) === 0) return;
      await delay(100);
    }
    throw new Error("the request is still there");
  }

  async function untilStep(step: RegExp): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      if (step.test((await guest.readResult("act-1-setup"))?.step ?? "")) return;
      await delay(20);
    }
    throw new Error("the set-up did not begin");
  }
});

const SUPERUSERS = { postgresql: "postgres", mysql: "root", redis: "default", mongodb: "admin" };

function newPassword(): string {
  return randomBytes(24).toString("base64url");
}
