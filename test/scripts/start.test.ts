import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { childrenOf } from "../support/child-processes.ts";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { sampled, unlessSampled } from "../support/fault-sample.ts";
import { newPublicKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";

const START_TIMEOUT_MS = 120_000;

/** The scripts as a newcomer runs them, in the sandbox. */
describe("a whole CloudNexus", { timeout: START_TIMEOUT_MS }, () => {
  let dataDir: string;
  let started: ChildProcess[];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "cn-start-"));
    started = [];
  });
  afterEach(async () => {
    for (const child of started.filter((candidate) => !hasEnded(candidate))) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(dataDir, { recursive: true, force: true });
  });

  const launch = (script: string, args: string[] = [], environment: Record<string, string> = {}) => {
    const file = fileURLToPath(new URL(`../../${script}`, import.meta.url));
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), file, ...args], {
      // Away from the checkout, whose cloudnexus.yaml is the developer's.
      cwd: dataDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        CLOUDNEXUS_DATA_DIR: dataDir,
        CLOUDNEXUS_INFRASTRUCTURE: "sandbox",
        CLOUDNEXUS_CONFIG: "",
        PORT: "0",
        ...environment,
      },
    });
    started.push(child);
    const output = { text: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output.text += chunk;
      });
    }
    return { child, output };
  };
  const up = async (environment: Record<string, string> = {}) => {
    const run = launch("scripts/start.ts", [], environment);
    await waitUntil(
      "everything is up",
      () => {
        if (hasEnded(run.child)) throw new Error(run.output.text);
        return run.output.text.includes("Ctrl-C stops everything");
      },
      START_TIMEOUT_MS,
    );
    const address = /^API +(\S+)/m.exec(run.output.text)?.[1] ?? "";
    return { ...run, address };
  };
  const key = () => readFileSync(join(dataDir, "sandbox/bootstrap-api-key"), "utf8").trim();
  const sshKeys = async (address: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${key()}`, "content-type": "application/json" };
    return await contractFetch(`${address}/v1/ssh_keys`, { ...init, headers });
  };

  unlessSampled(() => {
    it("shows its key once, keeps its data to itself, ends with SIGTERM, and finds the data again", async () => {
      const first = await up();
      expect(first.output.text).toContain("THIS IS A SANDBOX");
      expect(first.output.text).toContain(key());
      const [, ...metrics] = /^Metrics +(\S+) \(API\), (\S+) \(worker\)$/m.exec(first.output.text) ?? [];
      expect(metrics).toHaveLength(2);
      for (const address of metrics)
        expect(await (await fetch(address)).text()).toContain("cloudnexus_db_pool_connections");
      const body = JSON.stringify({ name: "kept", public_key: newPublicKey() });
      expect((await sshKeys(first.address, { method: "POST", body })).status).toBe(201);
      const children = childrenOf(first.child.pid ?? 0);
      expect(children.length).toBeGreaterThanOrEqual(5);

      const rival = launch("scripts/start.ts");
      expect(await once(rival.child, "close")).toEqual([1, null]);
      expect(rival.output.text).toContain(`(pid ${first.child.pid}): stop it, or set CLOUDNEXUS_DATA_DIR`);

      first.child.kill("SIGTERM");
      const [code] = (await once(first.child, "exit")) as [number];
      expect(code).toBe(0);
      expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);

      // Nothing is told by its log.
      const second = await up({ LOG_LEVEL: "silent" });
      expect(second.output.text).not.toContain(key());
      expect(await (await sshKeys(second.address)).json()).toMatchObject({ data: [{ name: "kept" }] });
    });
  });

  it("makes a server, deletes it and checks that nothing is left: quickstart --once", async () => {
    const { child, output } = launch("scripts/quickstart.ts", ["--once"]);
    const [code] = (await once(child, "close")) as [number];
    expect(output.text).toContain("quickstart: done, nothing is left behind");
    expect(code).toBe(0);
  });

  it.each(
    sampled<[Record<string, string>, string]>("wrong settings", [
      [{ PORT: "http" }, "PORT: must be a number from 0 to 65535"],
      [{ CLOUDNEXUS_INFRASTRUCTURE: "cloud" }, "CLOUDNEXUS_INFRASTRUCTURE: must be sandbox or incus"],
      [{ CLOUDNEXUS_CONFIG: "/nonexistent.yaml" }, "CLOUDNEXUS_CONFIG: there is no file /nonexistent.yaml"],
      [{ CLOUDNEXUS_INFRASTRUCTURE: "incus" }, "CLOUDNEXUS_INFRASTRUCTURE: incus needs a cloudnexus.yaml"],
    ]),
  )("names a wrong setting in one line: %j", async (environment, message) => {
    const { child, output } = launch("scripts/start.ts", [], environment);
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(1);
    expect(output.text.trimEnd().split("\n").at(-1)).toContain(message);
  });
});

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
