import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver, GuestFile, Owner, WaitContext } from "../src/drivers/compute.ts";
import { ownerOf, waitContext } from "./region-compute.ts";

/**
 * The agent in an engine's guest takes requests as files and answers with files. It handles a request of one name once, so that a worker that was lost, or an
 * activity that runs again, never has it done twice; and it goes on by itself when nobody asks.
 */

const REQUESTS_FOLDER = "/var/lib/cloudnexus/requests";
const RESULTS_FOLDER = "/var/lib/cloudnexus/results";
/** Requests hold passwords. */
const REQUEST_MODE = 0o600;
/** Most requests are done within seconds, and somebody waits for them; one that takes longer is not hurried by questions. */
const FAST_POLL_MS = 50;
const FAST_FOR_MS = 5_000;
const SLOW_POLL_MS = 250;

export interface AgentRequest {
  kind: "setup" | "add_password" | "drop_password" | "trusted_sources";
  [field: string]: unknown;
}

interface AgentResult {
  status: "running" | "succeeded" | "failed";
  step: string | null;
  code: string | null;
  message: string | null;
  data: { user?: string };
}

/**
 * The request's name: from its action, so that a repetition is the same request. `order` is its place in the action, since the agent goes by name; undos come
 * after what they undo.
 */
export function requestName({ actionId }: ActionInput, order: number, word: string): string {
  return `${actionId.replaceAll("_", "-")}-${order}-${word}`;
}

export function requestFile(name: string, request: AgentRequest): GuestFile {
  return { path: `${REQUESTS_FOLDER}/${name}.json`, content: `${JSON.stringify(request)}\n`, mode: REQUEST_MODE };
}

export interface Agent {
  driver: ComputeDriver;
  owner: Owner;
  wait: WaitContext;
}

export function agentOf(driver: ComputeDriver, input: ActionInput): Agent {
  return { driver, owner: ownerOf(input), wait: waitContext() };
}

/** Hands the request over unless the agent has it already, and waits for its result. */
export async function ask(
  agent: Agent,
  name: string,
  request: AgentRequest,
  timeoutMs: number,
): Promise<AgentResult["data"]> {
  const known = await readResult(agent, name);
  if (!known) await agent.driver.writeFiles(agent.owner, [requestFile(name, request)], agent.wait);
  return waitForResult(agent, name, timeoutMs);
}

/** Fails with `engine_setup_failed` if the agent says so, and with `boot_timeout` if it says nothing in time. */
export async function waitForResult(agent: Agent, name: string, timeoutMs: number): Promise<AgentResult["data"]> {
  const startedMs = performance.now();
  const deadline = startedMs + timeoutMs;
  let result: AgentResult | null = null;
  while (performance.now() < deadline) {
    agent.wait.signal.throwIfAborted();
    agent.wait.heartbeat();
    result = await readResult(agent, name);
    if (result?.status === "succeeded") return result.data;
    if (result?.status === "failed") throw setupFailed(name, result);
    // An abort ends the pause; its reason is thrown at the head of the loop.
    const pauseMs = performance.now() - startedMs < FAST_FOR_MS ? FAST_POLL_MS : SLOW_POLL_MS;
    await delay(pauseMs, undefined, { signal: agent.wait.signal }).catch(() => undefined);
  }
  const stoodAt = result ? `it stands at ${result.step ?? "its begin"}` : "the agent has not taken it up";
  throw new DomainError("boot_timeout", { internal: `${name} is not done after ${timeoutMs / 1_000} s; ${stoodAt}` });
}

/** Null too while the file is being written. */
async function readResult({ driver, owner, wait }: Agent, name: string): Promise<AgentResult | null> {
  const text = await driver.readFile(owner, `${RESULTS_FOLDER}/${name}.json`, wait);
  if (text === null) return null;
  try {
    return JSON.parse(text) as AgentResult;
  } catch {
    return null;
  }
}

function setupFailed(name: string, { step, code, message }: AgentResult): DomainError {
  const where = step === null ? "" : ` at ${step}`;
  return new DomainError("engine_setup_failed", {
    internal: `${name} failed${where}: ${code ?? "no code"}: ${message ?? "no message"}`,
  });
}
