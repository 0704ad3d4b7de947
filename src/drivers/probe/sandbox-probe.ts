import { Pool } from "undici";
import { assertInfrastructureAllowed } from "../../domain/process-role.ts";
import type { EngineTarget, Probe } from "../compute.ts";
import { type EngineAnswer, waitForEngine } from "./wait-for-engine.ts";
import { waitForSsh } from "./wait-for-ssh.ts";

const ANSWER_TIMEOUT_MS = 2_000;

/** The sandbox has no guests to connect to: its simulator says whether one would answer. */
export function createSandboxProbe(socketPath: string): Probe {
  assertInfrastructureAllowed();
  const timeouts = { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS };
  // Idle connections end by themselves after some seconds, and keep no process alive.
  const simulator = new Pool("http://simulator", { socketPath, ...timeouts });
  return {
    waitForSsh: (ipv4, wait) => waitForSsh(ipv4, wait, (_attempt, signal) => readBanner(simulator, ipv4, signal)),
    queryEngine: (target, wait) => waitForEngine(target, wait, (signal) => askSimulator(simulator, target, signal)),
  };
}

async function readBanner(simulator: Pool, ipv4: string, signal: AbortSignal): Promise<string | null> {
  try {
    const query = { address: ipv4, port: 22 };
    const { body } = await simulator.request({ method: "GET", path: "/sim/v1/reachability", query, signal });
    const answer = (await body.json()) as { reachable?: boolean; banner?: string };
    return answer.reachable ? (answer.banner ?? null) : null;
  } catch {
    // A simulator that restarts answers again soon, as a guest's network would.
    return null;
  }
}

async function askSimulator(simulator: Pool, target: EngineTarget, signal: AbortSignal): Promise<EngineAnswer> {
  try {
    const body = JSON.stringify(target);
    const answer = await simulator.request({ method: "POST", path: "/sim/v1/engine-query", body, signal });
    return (await answer.body.json()) as EngineAnswer;
  } catch {
    return { outcome: "unreachable", reason: "the simulator does not answer" };
  }
}
