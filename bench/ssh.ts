import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run, tryRun } from "../scripts/platform/run.ts";

const ATTEMPT_MS = 400;
const PAUSE_MS = 20;
const GIVE_UP_MS = 120_000;

export interface SshKeyPair {
  privateKeyFile: string;
  publicKey: string;
}

export async function makeKeyPair(folder: string): Promise<SshKeyPair> {
  const privateKeyFile = join(folder, "bench-key");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", privateKeyFile]);
  return { privateKeyFile, publicKey: (await readFile(`${privateKeyFile}.pub`, "utf8")).trim() };
}

/** Resolves when an SSH server greets at the address. */
export async function waitForBanner(host: string): Promise<void> {
  await untilTrue(`SSH greets on ${host}`, () => greets(host));
}

/** Resolves when root can log in with the key and run a command. */
export async function waitForLogin(host: string, { privateKeyFile }: SshKeyPair): Promise<void> {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    "ConnectTimeout=5",
  ].flatMap((option) => ["-o", option]);
  const login = ["-F", "none", "-i", privateKeyFile, ...options, `root@${host}`, "true"];
  await untilTrue(`root can log in on ${host}`, async () => (await tryRun("ssh", login)) !== undefined);
}

async function untilTrue(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await delay(PAUSE_MS);
  }
}

/** A guest on the way up swallows packets, so attempts are short. */
function greets(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 22 });
    const end = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), ATTEMPT_MS);
    socket.once("data", (greeting) => end(greeting.toString("latin1").startsWith("SSH-")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
