import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { resolve } from "node:path";

/** The kernel's limit for the path of a unix socket is 107 bytes. */
const SOCKET_PATH_MAX_BYTES = 100;

/** Where the simulator of this data folder listens. */
export function simulatorSocketPath(dataDir: string): string {
  const path = resolve(dataDir, "simulator.sock");
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX_BYTES) return path;
  const name = createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 16);
  return resolve(tmpdir(), `cloudnexus-${name}.sock`);
}
