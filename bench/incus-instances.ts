import { setTimeout as delay } from "node:timers/promises";
import { run, tryRun } from "../scripts/platform/run.ts";
import { REGION } from "./installation.ts";

export interface ListedInstance {
  name: string;
  config: Record<string, string>;
  devices: Record<string, Record<string, string>>;
}

const FIRST_ADDRESS = 221;
const LAST_ADDRESS = 240;
const SWEEPS = 10;

async function list(): Promise<ListedInstance[]> {
  const listed = await run("incus", ["query", `/1.0/instances?project=${REGION.project}&recursion=1`]);
  return JSON.parse(listed) as ListedInstance[];
}

/** The benchmark's share of the region's range, without what somebody else's server holds. What the machine remembers about them is forgotten. */
export async function freeAddresses(): Promise<string[]> {
  const held = new Set(
    (await list()).flatMap(({ devices }) => Object.values(devices)).map((nic) => nic["ipv4.address"]),
  );
  const prefix = REGION.gateway.replace(/\d+$/, "");
  const all = Array.from(
    { length: LAST_ADDRESS - FIRST_ADDRESS + 1 },
    (_, index) => `${prefix}${FIRST_ADDRESS + index}`,
  );
  const free = all.filter((address) => !held.has(address));
  for (const address of free) await run("ip", ["neigh", "flush", "to", address, "dev", REGION.network]);
  return free;
}

export async function deleteInstance(name: string): Promise<void> {
  await run("incus", ["delete", "--force", name, "--project", REGION.project]);
}

/** Removes every instance that is `ours`. A create under way refuses its deletion for a moment, so it asks again. */
export async function removeInstances(ours: (instance: ListedInstance) => boolean): Promise<void> {
  for (let sweep = 1; ; sweep++) {
    const left = (await list()).filter(ours);
    if (left.length === 0) return;
    if (sweep > SWEEPS) throw new Error(`these are left: ${left.map(({ name }) => name).join(", ")}`);
    for (const { name } of left) await tryRun("incus", ["delete", "--force", name, "--project", REGION.project]);
    await delay(500);
  }
}
