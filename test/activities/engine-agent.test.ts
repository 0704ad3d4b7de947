import { describe, expect, it } from "vitest";
import { type Agent, type AgentRequest, ask, requestName, waitForResult } from "../../activities/engine-agent.ts";
import type { ComputeDriver, GuestFile } from "../../src/drivers/compute.ts";

const REQUEST: AgentRequest = { kind: "add_password", password: "a-secret" };
const succeeded = { status: "succeeded", step: "add", code: null, message: null, data: { user: "app_b" } };

/** A guest whose result file reads as the answers say, one after the other; the last one stays. */
function guest(answers: (object | string | null)[], signal = new AbortController().signal) {
  const written: GuestFile[] = [];
  const beats: unknown[] = [];
  const reads: string[] = [];
  const driver = {
    writeFiles: (_owner, files) => Promise.resolve(void written.push(...files)),
    readFile(_owner, path) {
      reads.push(path);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return Promise.resolve(typeof answer === "object" && answer !== null ? JSON.stringify(answer) : (answer ?? null));
    },
  } as Partial<ComputeDriver> as ComputeDriver;
  const owner = { id: "db_a", kind: "database", accountId: "acc_a", region: "us-east-1" } as const;
  const agent: Agent = { driver, owner, wait: { heartbeat: () => void beats.push(1), signal } };
  return { agent, written, beats, reads };
}

describe("a request to the agent", () => {
  it("is a file for root alone, under the name of its action", async () => {
    const input = { actionId: "act_abc" } as Parameters<typeof requestName>[0];
    const name = requestName(input, 2, "drop");
    expect(name).toBe("act-abc-2-drop");
    const { agent, written, reads } = guest([null, succeeded]);
    expect(await ask(agent, name, REQUEST, 1_000)).toEqual({ user: "app_b" });
    expect(written).toEqual([
      { path: `/var/lib/cloudnexus/requests/${name}.json`, content: `${JSON.stringify(REQUEST)}\n`, mode: 0o600 },
    ]);
    expect(new Set(reads)).toEqual(new Set([`/var/lib/cloudnexus/results/${name}.json`]));
  });

  it.each([
    ["done", [succeeded]],
    ["under way", [{ ...succeeded, status: "running" }, succeeded]],
  ])("that is %s already is not sent again", async (_, answers) => {
    const { agent, written } = guest(answers);
    await ask(agent, "name", REQUEST, 1_000);
    expect(written).toEqual([]);
  });

  it("is waited for with heartbeats, through results that are not whole yet", async () => {
    const { agent, beats } = guest([null, "", '{"status":"succ', { ...succeeded, status: "running" }, succeeded]);
    await waitForResult(agent, "name", 5_000);
    expect(beats.length).toBeGreaterThanOrEqual(5);
  });

  it("that failed is a final failure with the agent's reason, and without what was asked", async () => {
    const failed = { ...succeeded, status: "failed", step: "create role", code: "disk_full", message: "no space left" };
    const { agent } = guest([null, failed]);
    const error: unknown = await ask(agent, "name", REQUEST, 1_000).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "engine_setup_failed",
      message: "name failed at create role: disk_full: no space left",
    });
    expect(JSON.stringify(error)).not.toContain("a-secret");
  });

  it.each([
    ["has not been taken up", null, "the agent has not taken it up"],
    ["hangs", { ...succeeded, status: "running", step: "start engine" }, "it stands at start engine"],
  ])("that %s in time says where it stands", async (_, answer, says) => {
    const { agent } = guest([answer]);
    await expect(waitForResult(agent, "name", 200)).rejects.toMatchObject({
      code: "boot_timeout",
      message: expect.stringContaining(says),
    });
  });

  it("is given up when the activity is cancelled", async () => {
    const cancel = new AbortController();
    const { agent } = guest([null], cancel.signal);
    const waiting = waitForResult(agent, "name", 60_000);
    cancel.abort(new Error("cancelled"));
    await expect(waiting).rejects.toThrow("cancelled");
  });
});
