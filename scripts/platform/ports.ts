import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";

/**
 * Below the ports that systems give to outgoing connections: one of those may take a port of theirs between its choice and its use, since everything here
 * talks to everything else.
 */
const CHOICE = { from: 20_000, to: 32_000 };

/** A free port of 127.0.0.1: `wanted` if nobody listens there, else any. */
export async function freePort(wanted = 0): Promise<number> {
  for (let port = wanted || randomInt(CHOICE.from, CHOICE.to); ; port = randomInt(CHOICE.from, CHOICE.to)) {
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
