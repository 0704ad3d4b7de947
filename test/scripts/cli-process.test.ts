import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AnsweringApi, startAnsweringApi } from "../support/answering-api.ts";
import { waitUntil } from "../support/wait.ts";

/** The command line as a program, started from a folder that is not the checkout. */

const PROGRAM = fileURLToPath(new URL("../../bin/cloudnexus.js", import.meta.url));
const RUNNING = { id: "act_a", status: "running", steps: [], waits_for: null };

let api: AnsweringApi;
beforeAll(async () => {
  const text = JSON.stringify({ status: "success", data: RUNNING, meta: {} });
  api = await startAnsweringApi(() => ({ status: 200, type: "application/json", text }));
});
afterAll(() => api.close());

function start(line: string) {
  const env = { ...process.env, CLOUDNEXUS_URL: api.url, CLOUDNEXUS_API_KEY: "cn_live_sk_test" };
  const child = spawn(process.execPath, [PROGRAM, ...line.split(" ")], { cwd: tmpdir(), env });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  return { child, said, end: once(child, "close").then(([exitCode]: unknown[]) => ({ exitCode, ...said })) };
}

it("prints JSON into a pipe and nothing else", async () => {
  const { exitCode, out, err } = await start("get-server srv_a").end;
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({ status: "success", data: RUNNING });
});

it("ends with 2 and a hint where the command line is wrong", async () => {
  const hint = expect.stringContaining("Did you mean watch?");
  expect(await start("actions wach act_a").end).toEqual({ exitCode: 2, out: "", err: hint });
});

it("ends with 130 at Ctrl-C", async () => {
  const { child, said, end } = start("-o json actions watch act_a");
  await waitUntil("it watches", async () => said.out !== "");
  child.kill("SIGINT");
  expect(await end).toEqual({ exitCode: 130, out: `${JSON.stringify(RUNNING)}\n`, err: "" });
});
