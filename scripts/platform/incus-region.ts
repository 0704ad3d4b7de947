import { readFile, statfs } from "node:fs/promises";
import type { Progress } from "./progress.ts";
import { run, tryRun } from "./run.ts";

/** One region on this machine's daemon: its project, its bridge, its range. */
export interface LocalRegion {
  slug: string;
  name: string;
  project: string;
  network: string;
  gateway: string;
  prefixLength: number;
  /** Range handed out to servers. */
  firstAddress: string;
  lastAddress: string;
  /** Range left to Incus' own DHCP, apart from ours: a lease must never sit on an address that we hand out. */
  dhcpRange: string;
}

export const STORAGE_POOL = "cloudnexus";

export const LOCAL_REGIONS: readonly LocalRegion[] = [
  {
    slug: "us-east-1",
    name: "US East",
    project: "cloudnexus-us-east-1",
    network: "cnuseast1",
    gateway: "10.88.0.1",
    prefixLength: 24,
    firstAddress: "10.88.0.10",
    lastAddress: "10.88.0.250",
    dhcpRange: "10.88.0.251-10.88.0.254",
  },
  {
    slug: "eu-west-2",
    name: "EU West",
    project: "cloudnexus-eu-west-2",
    network: "cneuwest2",
    gateway: "10.89.0.1",
    prefixLength: 24,
    firstAddress: "10.89.0.10",
    lastAddress: "10.89.0.250",
    dhcpRange: "10.89.0.251-10.89.0.254",
  },
];

const PROJECT_SETTINGS = [
  "features.images=false",
  "features.profiles=false",
  "features.networks=false",
  "features.storage.volumes=true",
  "features.storage.buckets=true",
  "restricted=false",
];

const GIB = 1024 ** 3;
const SPARE_GIB = 2;

/** Creates pool, bridges and projects where they are missing; what exists is left as it is. */
export async function prepareRegions(progress: Progress, poolGib: number, regions = LOCAL_REGIONS): Promise<void> {
  if (!(await exists(["storage", "show", STORAGE_POOL]))) {
    await progress.step(`Create the storage pool ${STORAGE_POOL}`, async (report) => await createPool(poolGib, report));
  }
  for (const region of regions) {
    if (!(await exists(["network", "show", region.network]))) {
      await progress.step(
        `Create the bridge ${region.network} (${region.gateway}/${region.prefixLength})`,
        async () => {
          await createBridge(region);
        },
      );
    }
    if (!(await exists(["project", "show", region.project]))) {
      const settings = PROJECT_SETTINGS.flatMap((setting) => ["--config", setting]);
      await progress.step(`Create the project ${region.project}`, async () => {
        await run("incus", ["project", "create", region.project, ...settings]);
      });
    }
  }
}

/** btrfs on a loop file (snapshots make a launch take a fraction of a second); plain folders where the kernel has no btrfs. */
async function createPool(poolGib: number, report: (detail: string) => void): Promise<void> {
  if (!(await hasBtrfs())) {
    report("this kernel has no btrfs: plain folders, without disk limits");
    await run("incus", ["storage", "create", STORAGE_POOL, "dir"]);
    return;
  }
  const disk = await statfs("/var/lib/incus");
  const freeGib = Math.floor((disk.bavail * disk.bsize) / GIB) - SPARE_GIB;
  if (freeGib < 4)
    throw new Error(`/var/lib/incus has ${freeGib + SPARE_GIB} GiB left, at least ${4 + SPARE_GIB} are needed`);
  const sizeGib = Math.min(poolGib, freeGib);
  report(`btrfs, ${sizeGib} GiB loop file`);
  await run("incus", ["storage", "create", STORAGE_POOL, "btrfs", `size=${sizeGib}GiB`]);
}

async function hasBtrfs(): Promise<boolean> {
  const isKnown = async () => /^\s*btrfs$/m.test(await readFile("/proc/filesystems", "utf8"));
  if (await isKnown()) return true;
  await tryRun("modprobe", ["btrfs"]);
  return await isKnown();
}

async function createBridge(region: LocalRegion): Promise<void> {
  await run("incus", [
    "network",
    "create",
    region.network,
    "--type=bridge",
    `ipv4.address=${region.gateway}/${region.prefixLength}`,
    "ipv4.nat=true",
    `ipv4.dhcp.ranges=${region.dhcpRange}`,
    "ipv6.address=none",
  ]);
}

async function exists(question: string[]): Promise<boolean> {
  return (await tryRun("incus", question)) !== undefined;
}
