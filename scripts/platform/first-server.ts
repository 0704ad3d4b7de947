import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ActionJson, ApiClient, ServerJson } from "./api-client.ts";
import { interruption } from "./interruption.ts";
import type { Progress } from "./progress.ts";
import { CommandError, run } from "./run.ts";

const NAME_PREFIX = "quickstart-";
const CREATE_TIMEOUT_MS = 180_000;
const DELETE_TIMEOUT_MS = 120_000;
const LOGIN_TIMEOUT_MS = 60_000;

/** A key pair of the quickstart's own; nothing of the user's is touched. */
export async function ensureKeyPair(dataDir: string): Promise<{ privateKeyFile: string; publicKey: string }> {
  const privateKeyFile = join(dataDir, "ssh/quickstart_ed25519");
  if (!existsSync(privateKeyFile)) {
    await mkdir(dirname(privateKeyFile), { recursive: true, mode: 0o700 });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "cloudnexus-quickstart", "-f", privateKeyFile]);
  }
  return { privateKeyFile, publicKey: (await readFile(`${privateKeyFile}.pub`, "utf8")).trim() };
}

/** The id of the key in the account, uploaded if it is not there. */
export async function ensureUploadedKey(api: ApiClient, publicKey: string): Promise<string> {
  const material = keyMaterial(publicKey);
  const known = await api.call<{ id: string; public_key: string }[]>("GET", "/v1/ssh_keys?per_page=100");
  const found = known.find((key) => keyMaterial(key.public_key) === material);
  if (found) return found.id;
  const name = `quickstart-${material.slice(-6).replaceAll(/[^A-Za-z0-9]/g, "x")}`;
  const uploaded = await api.call<{ id: string }>("POST", "/v1/ssh_keys", { name, public_key: publicKey });
  return uploaded.id;
}

/** An earlier quickstart's server that runs and takes our key. */
export async function findServer(api: ApiClient, keyId: string): Promise<ServerJson | undefined> {
  const servers = await api.call<ServerJson[]>("GET", "/v1/servers?status=active&per_page=100");
  return servers.find((server) => server.name.startsWith(NAME_PREFIX) && server.ssh_keys.includes(keyId));
}

/** POSTs a server under the next free name and waits until it is active. */
export async function createServer(
  api: ApiClient,
  request: { plan: string; region: string; ssh_keys: string[] },
  report: (detail: string) => void,
): Promise<ServerJson> {
  const servers = await api.call<ServerJson[]>("GET", "/v1/servers?per_page=100");
  const numbers = servers.map((server) => Number(/^quickstart-(\d+)$/.exec(server.name)?.[1] ?? 0));
  const name = `${NAME_PREFIX}${Math.max(0, ...numbers) + 1}`;
  const created = await api.call<ServerJson>("POST", "/v1/servers", { name, ...request });
  report(`${name} ${created.ipv4 ?? ""}`);
  const isSettled = (server: ServerJson | undefined) => server?.status !== "provisioning";
  const settled = await api.poll<ServerJson>(`/v1/servers/${created.id}`, isSettled, CREATE_TIMEOUT_MS);
  if (!settled) throw new Error(`${name} was deleted while it was being made`);
  if (settled.status === "active") return settled;
  const action = await api.find<ActionJson>(`/v1/actions/${created.action_id}`);
  const step = action?.steps.find((candidate) => candidate.status === "failed")?.name ?? "unknown step";
  throw new Error(`${name} is ${settled.status}: ${settled.error?.message ?? "no reason given"} (step: ${step})`);
}

/** DELETEs a server and waits until nobody can find it any more. */
export async function deleteServer(api: ApiClient, id: string): Promise<void> {
  await api.call("DELETE", `/v1/servers/${id}`);
  await api.poll<ServerJson>(`/v1/servers/${id}`, (server) => server === undefined, DELETE_TIMEOUT_MS);
}

/** The host key is learnt at the first login and checked from then on, in a file per server: addresses are given out again. */
export function sshArguments(dataDir: string, privateKeyFile: string, server: ServerJson): string[] {
  const knownHosts = join(dataDir, "ssh/known_hosts", server.id);
  return [
    ...["-i", privateKeyFile, "-o", "IdentitiesOnly=yes", "-o", `UserKnownHostsFile=${knownHosts}`],
    ...["-o", "StrictHostKeyChecking=accept-new", `root@${server.ipv4}`],
  ];
}

/** Logs in and runs a command; tried again until the server lets us in. Answers what the command printed. */
export async function logIn(ssh: string[], command: string, progress: Progress, title: string): Promise<string> {
  const knownHosts = ssh.find((argument) => argument.startsWith("UserKnownHostsFile="))?.split("=")[1] ?? "";
  await mkdir(dirname(knownHosts), { recursive: true, mode: 0o700 });
  return await progress.step(title, async (report) => {
    const deadlineMs = Date.now() + LOGIN_TIMEOUT_MS;
    for (;;) {
      try {
        const quiet = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR"];
        return (await run("ssh", [...quiet, ...ssh, command], { timeoutMs: 20_000 })).trim();
      } catch (error) {
        if (!(error instanceof CommandError) || Date.now() > deadlineMs) throw error;
        report(error.message);
        await delay(100, undefined, { signal: interruption });
      }
    }
  });
}

function keyMaterial(publicKey: string): string {
  return publicKey.split(/\s+/)[1] ?? "";
}
