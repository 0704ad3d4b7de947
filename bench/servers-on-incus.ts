import { stringify } from "yaml";
import { cloudInitNetworkConfig, cloudInitUserData } from "../activities/cloud-init.ts";
import { isIncusAnswering } from "../scripts/platform/incus-daemon.ts";
import { STORAGE_POOL } from "../scripts/platform/incus-region.ts";
import { run } from "../scripts/platform/run.ts";
import type { ActionState, CloudNexusClient } from "./client.ts";
import { deleteInstance, freeAddresses, removeInstances } from "./incus-instances.ts";
import { IMAGE_ALIAS, onlyAccount, PLAN, REGION, startInstallation } from "./installation.ts";
import type { Platform } from "./platform.ts";
import { type Measure, printMeasures } from "./report.ts";
import { makeKeyPair, type SshKeyPair, waitForBanner, waitForLogin } from "./ssh.ts";
import { median } from "./statistics.ts";
import { stepMeasures } from "./step-measures.ts";

const PAIRS = 7;
/** Milliseconds since the request. */
interface Boot {
  bannerMs: number;
  loginMs: number;
}

interface OurBoot extends Boot {
  answerMs: number;
  action: ActionState;
}

/** (a) `incus launch` by hand until SSH answers, and the same by POST /v1/servers: same image, limits, static address and cloud-init data, in turn. */
export async function benchServersOnIncus(platform: Platform): Promise<void> {
  if (!(await isIncusAnswering())) throw new Error("(a) needs a running Incus: npm run quickstart prepares one");
  // A launch by hand gets a new card each time, so it needs an address that no neighbour remembers: one for each.
  const addresses = await freeAddresses();
  const rawAddresses = addresses.slice(0, PAIRS);
  if (addresses.length < 2 * PAIRS) throw new Error("(a): servers hold the benchmark's addresses; remove some");
  const rawName = `bench-raw-${process.pid}`;
  const cloudnexus = await startInstallation(platform, {
    name: "incus",
    infrastructure: "incus",
    addresses: addresses.slice(PAIRS),
  });
  const key = await makeKeyPair(platform.dataDir);
  const keyId = await cloudnexus.client.createSshKey("bench", key.publicKey);
  const accountId = await onlyAccount(cloudnexus.databaseUrl);
  // Runs after a failure or Ctrl-C as well, when the worker may have been stopped in the middle of a create.
  platform.cleanup.add("remove the servers of the benchmark", async () => {
    await cloudnexus.stopWorker();
    await removeInstances(({ name, config }) => name === rawName || config["user.cloudnexus.account"] === accountId);
  });

  const raw: Boot[] = [];
  const ours: OurBoot[] = [];
  for (const [pair, address] of rawAddresses.entries()) {
    raw.push(await launchByHand(rawName, address, key));
    await deleteInstance(rawName);

    const server = await createByPost(cloudnexus.client, `bench-${pair + 1}`, keyId, key);
    ours.push(server);
    await cloudnexus.client.deleteServer(server.id);
  }

  const both = (name: string, pick: (boot: Boot) => number, aim?: Measure["aim"]): Measure => ({
    name,
    unit: "s",
    baseline: median(raw.map(pick)) / 1_000,
    value: median(ours.map(pick)) / 1_000,
    ...(aim ? { aim } : {}),
  });
  const answer = median(ours.map((boot) => boot.answerMs));
  const reachable = median(ours.map((boot) => boot.bannerMs)) / 1_000;
  printMeasures(`(a) a server on Incus, medians of ${PAIRS} pairs: incus launch by hand, POST /v1/servers`, [
    both("until SSH answers", (boot) => boot.bannerMs, { atMost: 1.15 }),
    both("until the first SSH login", (boot) => boot.loginMs),
    { name: "POST until SSH answers", unit: "s", value: reachable, aim: { atMost: 6 } },
    { name: "POST until its answer, address included", unit: "ms", value: answer, aim: { atMost: 100 } },
    ...stepMeasures(ours.map(({ action }) => action)),
  ]);
  const list = (boots: Boot[]) => boots.map((boot) => (boot.bannerMs / 1_000).toFixed(2)).join(" ");
  console.log(`each, until SSH answers: by hand ${list(raw)}; by POST ${list(ours)}`);
}

async function launchByHand(name: string, address: string, key: SshKeyPair): Promise<Boot> {
  const config = {
    config: {
      "limits.cpu": String(PLAN.vcpus),
      "limits.memory": `${PLAN.memoryMib}MiB`,
      "cloud-init.user-data": cloudInitUserData({ hostname: name, publicKeys: [key.publicKey], userData: null }),
      "cloud-init.network-config": cloudInitNetworkConfig({
        ipv4: address,
        prefixLength: REGION.prefixLength,
        gateway: REGION.gateway,
        nameservers: [REGION.gateway],
      }),
    },
    devices: {
      root: { type: "disk", path: "/", pool: STORAGE_POOL, size: `${PLAN.diskGib}GiB` },
      eth0: { type: "nic", name: "eth0", network: REGION.network, "ipv4.address": address },
    },
  };
  const startedMs = performance.now();
  const launch = ["launch", IMAGE_ALIAS, name, "--project", REGION.project, "--no-profiles"];
  const launched = run("incus", launch, { input: stringify(config) });
  const [bannerMs] = await Promise.all([bannerSince(startedMs, address), launched]);
  return { bannerMs, loginMs: await loginSince(startedMs, address, key) };
}

async function createByPost(
  client: CloudNexusClient,
  name: string,
  keyId: string,
  key: SshKeyPair,
): Promise<OurBoot & { id: string }> {
  const startedMs = performance.now();
  const { id, ipv4, action_id } = await client.createServer(name, [keyId]);
  const answerMs = performance.now() - startedMs;
  if (ipv4 === null) throw new Error("the answer to the POST has no address: the worker was too slow");
  const bannerMs = await bannerSince(startedMs, ipv4);
  const loginMs = await loginSince(startedMs, ipv4, key);
  return { id, answerMs, bannerMs, loginMs, action: await client.actionEnd(action_id) };
}

async function bannerSince(startedMs: number, address: string): Promise<number> {
  await waitForBanner(address);
  return performance.now() - startedMs;
}

async function loginSince(startedMs: number, address: string, key: SshKeyPair): Promise<number> {
  await waitForLogin(address, key);
  return performance.now() - startedMs;
}
