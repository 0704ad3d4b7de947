import { createInterface } from "node:readline/promises";
import { ensureDatabaseImages } from "./images/database-images.ts";
import { ensureImage } from "./images/ensure-image.ts";
import { ensureIncusDaemon, type IncusDaemon, isIncusAnswering } from "./incus-daemon.ts";
import { incusSource, installIncus, isIncusInstalled } from "./incus-install.ts";
import { LOCAL_REGIONS, prepareRegions, STORAGE_POOL } from "./incus-region.ts";
import type { Progress } from "./progress.ts";
import { readSystem } from "./system.ts";

export interface IncusHostOptions {
  progress: Progress;
  /** Folder for the logs of a daemon that is started here. */
  logDir: string;
  poolGib: number;
  /** Images of database engines to be had beside the servers' one. */
  databases?: readonly string[];
}

/** Why this machine can't carry Incus under our hands; null if it can. Nothing is changed. */
export async function whyNoIncus(): Promise<string | null> {
  if (process.platform !== "linux") return `Incus needs Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "installing and driving Incus needs root";
  if (await isIncusAnswering()) return null;
  if (await isIncusInstalled()) return null;
  const source = incusSource(readSystem());
  return source.available ? null : source.reason;
}

/** Says what will change on the system and asks for leave, where that is somebody's to give. */
export async function mayPrepare(poolGib: number, databases: readonly string[], isAnswered: boolean): Promise<boolean> {
  if ((await isIncusInstalled()) && (await isIncusAnswering())) return true;
  const plan = [
    "This will change the system:",
    ...((await isIncusInstalled()) ? [] : ["  - install Incus and what it needs from the distribution's packages"]),
    "  - start the Incus daemon",
    `  - make a storage pool "${STORAGE_POOL}" (a file of up to ${poolGib} GiB that grows with use)`,
    `  - make the bridges ${LOCAL_REGIONS.map((region) => `${region.network} (${region.gateway}/${region.prefixLength})`).join(" and ")}`,
    `  - build the images ${["debian-12", ...databases].join(", ")}`,
  ];
  console.log(plan.join("\n"));
  if (isAnswered || !process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question("Go on? Without it, a sandbox is started. [Y/n] ");
    return !/^n/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Installs, starts and prepares Incus where something is missing. With everything in place it takes a moment. */
export async function prepareIncusHost(options: IncusHostOptions): Promise<IncusDaemon> {
  const { progress, logDir, poolGib, databases = [] } = options;
  await installIncus(progress);
  const daemon = await ensureIncusDaemon(progress, logDir);
  try {
    await prepareRegions(progress, poolGib);
    await ensureImage(progress, "debian-12");
    await ensureDatabaseImages(progress, databases);
    return daemon;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}
