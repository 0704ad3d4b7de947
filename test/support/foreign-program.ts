import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { run } from "../../scripts/platform/run.ts";
import type { Credentials } from "./api-client.ts";

const FOLDER = fileURLToPath(new URL("../e2e/foreign-clients/", import.meta.url));

/** Runs a program of test/e2e/foreign-clients on a database. Credentials reach it through its standard input, since arguments are everybody's to read. */
export async function runForeignProgram(
  args: readonly [file: string, ...rest: string[]],
  credentials: Credentials,
  order: object = {},
): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "cn-foreign-"));
  const authority = join(folder, "ca.pem");
  try {
    await writeFile(authority, credentials.ca_certificate);
    const { host, port, user, password, database } = credentials;
    const input = JSON.stringify({ ...order, target: { host, port, user, password, database, authority } });
    const [file, ...rest] = args;
    // -B: nothing compiled is left in the clone.
    return JSON.parse(await run(inject("python"), ["-B", join(FOLDER, file), ...rest], { input }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
