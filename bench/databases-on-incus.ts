import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { makeServerTls } from "../scripts/platform/engines/certificates.ts";
import { refusalOf } from "../scripts/platform/engines/connect.ts";
import { EngineGuest } from "../scripts/platform/engines/engine-guest.ts";
import type { EngineTarget } from "../scripts/platform/engines/engine-session.ts";
import { setupRequest } from "../scripts/platform/engines/setup-request.ts";
import { ensureImage } from "../scripts/platform/images/ensure-image.ts";
import { type EngineOfImage, readRecipe } from "../scripts/platform/images/recipe.ts";
import { isIncusAnswering } from "../scripts/platform/incus-daemon.ts";
import { consoleProgress } from "../scripts/platform/progress.ts";
import { ENGINE_ENDPOINTS, ENGINE_ROOT_DISK_GIB } from "../src/domain/database.ts";
import type { ActionState, CloudNexusClient } from "./client.ts";
import { freeAddresses, removeInstances } from "./incus-instances.ts";
import { DATABASE_PLAN, onlyAccount, REGION, startInstallation } from "./installation.ts";
import type { Platform } from "./platform.ts";
import { printMeasures } from "./report.ts";
import { median } from "./statistics.ts";
import { stepMeasures } from "./step-measures.ts";

const PAIRS = 5;
/** The newest image of every engine, and how soon its databases should be usable. */
const ENGINES = [
  { image: "postgresql-18", aimS: 8 },
  { image: "redis-8", aimS: 8 },
  { image: "mysql-9", aimS: 15 },
  { image: "mongodb-7", aimS: 15 },
] as const;
const RATIO_AIM = 1.25;
const RAW_NAME = `bench-raw-${process.pid}`;
const QUERY_PAUSE_MS = 20;
const GIVE_UP_MS = 120_000;

/** (d) POST /v1/databases until its user's first query, and the same engine from the same image by hand: same limits, volume, agent and client, in turn. */
export async function benchDatabasesOnIncus(platform: Platform): Promise<void> {
  if (!(await isIncusAnswering())) throw new Error("(d) needs a running Incus: npm run quickstart prepares one");
  for (const { image } of ENGINES) await ensureImage(consoleProgress(), image);
  const addresses = await freeAddresses();
  const rawAddresses = addresses.slice(0, PAIRS);
  if (addresses.length < 2 * PAIRS) throw new Error("(d): the benchmark's addresses are held; remove some servers");
  const cloudnexus = await startInstallation(platform, {
    name: "databases",
    infrastructure: "incus",
    addresses: addresses.slice(PAIRS),
  });
  const { client } = cloudnexus;
  const accountId = await onlyAccount(cloudnexus.databaseUrl);
  platform.cleanup.add("remove what is left of the databases", async () => {
    await cloudnexus.stopWorker();
    await removeInstances(({ config }) => config["user.cloudnexus.account"] === accountId);
  });
  // After a failure or Ctrl-C: with their volumes and access rules, which only a delete knows.
  platform.cleanup.add("delete the databases of the benchmark", async () => {
    for (const { id } of await client.listDatabases()) await client.deleteDatabase(id);
  });
  await until("the region offers its engines", async () => (await client.offeredEngines()) >= ENGINES.length);

  for (const { image, aimS } of ENGINES) {
    const { engine } = await readRecipe(image);
    if (!engine) throw new Error(`BUG: ${image} is no engine's image`);
    const raw: number[] = [];
    const ours: { ms: number; action: ActionState }[] = [];
    for (const [pair, address] of rawAddresses.entries()) {
      raw.push(await byHand(platform, image, engine, address));
      ours.push(await byPost(client, `bench-${image}-${pair + 1}`, engine));
    }
    const value = median(ours.map(({ ms }) => ms)) / 1_000;
    const baseline = median(raw) / 1_000;
    printMeasures(`(d) ${image}, medians of ${PAIRS} pairs: by hand, POST /v1/databases`, [
      { name: "until the first query", unit: "s", baseline, value, aim: { atMost: RATIO_AIM } },
      { name: "POST until the first query", unit: "s", value, aim: { atMost: aimS } },
      ...stepMeasures(ours.map(({ action }) => action)),
    ]);
  }
}

/** With Incus' own command and the image's agent, as its smoke test does; certificate and password are there before. */
async function byHand(platform: Platform, image: string, engine: EngineOfImage, address: string): Promise<number> {
  const { project, network, gateway, prefixLength } = REGION;
  const { memoryMib, vcpus, diskGib } = DATABASE_PLAN;
  const disks = { rootGib: ENGINE_ROOT_DISK_GIB, volumeGib: diskGib };
  const options = { project, network, gateway, prefixLength, address, memoryMib, vcpus, disks };
  const guest = new EngineGuest({ name: RAW_NAME, image: `cloudnexus/${image}`, ...options });
  platform.cleanup.add("remove the guest that was made by hand", () => guest.remove());
  const tls = await makeServerTls(address);
  const { port, database } = ENGINE_ENDPOINTS[engine.name];
  const password = randomBytes(24).toString("base64url");
  const target: EngineTarget = { host: address, port, user: "app", password, database, ca: tls.ca };

  const startedMs = performance.now();
  await guest.make();
  await guest.writeRequest("bench", setupRequest(engine, target, tls, options));
  await guest.start();
  await firstQuery(engine, target);
  const ms = performance.now() - startedMs;
  await guest.remove();
  return ms;
}

async function byPost(
  client: CloudNexusClient,
  name: string,
  engine: EngineOfImage,
): Promise<{ ms: number; action: ActionState }> {
  const startedMs = performance.now();
  const { id, action_id } = await client.createDatabase(name, engine.name, engine.major);
  const action = await client.actionEnd(action_id);
  const { ca_certificate: ca, ...access } = await client.credentials(id);
  await firstQuery(engine, { ...access, ca });
  const ms = performance.now() - startedMs;
  await client.deleteDatabase(id);
  return { ms, action };
}

/** With the client library that customers use, over verified TLS. */
async function firstQuery({ name }: EngineOfImage, target: EngineTarget): Promise<void> {
  await until(`${name} answers on ${target.host}`, async () => (await refusalOf(name, target)) === undefined);
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await delay(QUERY_PAUSE_MS);
  }
}
