import { connect } from "node:net";
import { assertInfrastructureAllowed } from "../../domain/process-role.ts";
import type { Probe } from "../compute.ts";
import { queryEngine } from "./query-engine.ts";
import { waitForEngine } from "./wait-for-engine.ts";
import { waitForSsh } from "./wait-for-ssh.ts";

const SSH_PORT = 22;
/** The identification line of SSH is at most this long. */
const BANNER_MAX_BYTES = 255;
/**
 * A guest on the way up swallows packets, and the kernel resends them only after a second: many short attempts notice it sooner. They get longer, so
 * that a far region is reached too.
 */
const FIRST_CONNECT_MS = 80;
const LAST_CONNECT_MS = 2_000;
const GROWTH_MS = 20;
/** Who has answered the connection gets time to greet: a booting machine is busy. */
const GREETING_MS = 2_000;

/** The real thing: connects to port 22 and waits for the server's greeting, or to an engine's port with its own client. */
export function createTcpProbe(options: { port?: number } = {}): Probe {
  assertInfrastructureAllowed();
  const port = options.port ?? SSH_PORT;
  return {
    queryEngine: (target, wait) => waitForEngine(target, wait, (signal) => queryEngine(target, signal)),
    waitForSsh: (ipv4, wait) =>
      waitForSsh(ipv4, wait, (attempt, signal) => {
        const connectMs = Math.min(FIRST_CONNECT_MS + attempt * GROWTH_MS, LAST_CONNECT_MS);
        return readBanner(ipv4, port, connectMs, signal);
      }),
  };
}

/** What the server says first, or null if it says nothing in time, refuses, or cannot be reached. */
async function readBanner(host: string, port: number, connectMs: number, signal: AbortSignal): Promise<string | null> {
  return await new Promise((resolve) => {
    let text = "";
    const socket = connect({ host, port });
    const end = (banner: string | null) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(banner);
    };
    const onAbort = () => end(null);
    signal.addEventListener("abort", onAbort, { once: true });
    let timer = setTimeout(() => end(null), connectMs);
    socket.setEncoding("latin1");
    socket.on("connect", () => {
      clearTimeout(timer);
      timer = setTimeout(() => end(null), GREETING_MS);
    });
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n") || text.length > BANNER_MAX_BYTES) end(text.slice(0, BANNER_MAX_BYTES));
    });
    socket.on("error", () => end(null));
    socket.on("close", () => end(null));
  });
}
