import { Client } from "undici";
import { assertInfrastructureAllowed } from "../../domain/process-role.ts";
import type { Probe } from "../compute.ts";
import { waitForBanner } from "./wait-for-banner.ts";

const ANSWER_TIMEOUT_MS = 2_000;

/** The sandbox has no guests to connect to: its simulator says whether one would answer. */
export function createSandboxProbe(socketPath: string): Probe {
  assertInfrastructureAllowed();
  return {
    queryEngine: () => Promise.reject(new Error("BUG: not there yet")),
    async waitForSsh(ipv4, options) {
      const simulator = new Client("http://simulator", {
        socketPath,
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      });
      try {
        await waitForBanner(ipv4, options, async (_attempt, signal) => await readBanner(simulator, ipv4, signal));
      } finally {
        await simulator.destroy();
      }
    },
  };
}

async function readBanner(simulator: Client, ipv4: string, signal: AbortSignal): Promise<string | null> {
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
