import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createConnection } from "node:net";
import { dirname } from "node:path";

const maxSocketPathBytes = 107;

/** Makes the way free for a socket: what a killed server left is removed, a living one is an error. */
export async function claimSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    throw new Error(
      `--socket ${path} is longer than the ${maxSocketPathBytes} bytes of a unix socket: choose a shorter path`,
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is there and is no socket: choose another --socket`);
  if (await isAlive(path)) throw new Error(`another server listens on ${path}: stop it or choose another --socket`);
  rmSync(path, { force: true });
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}

export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await listen(server, () => server.listen(path));
  chmodSync(path, 0o600);
}

export async function listenOnAddress(server: Server, address: string): Promise<void> {
  const match = /^(.+):(\d+)$/.exec(address);
  if (match?.[1] === undefined) throw new Error(`--listen ${address} is not HOST:PORT`);
  const [, host, port] = match;
  await listen(server, () => server.listen(Number(port), host));
}

function listen(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    start();
  });
}

/** Ends a server with the connections it has, idle or not. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
