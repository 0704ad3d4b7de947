import { ensureSuite, hasCandidate, installPackages, isInstalled, updateLists } from "./apt.ts";
import type { Progress } from "./progress.ts";
import { tryRun } from "./run.ts";
import { readSystem, type System } from "./system.ts";

/** What the control plane's host needs beside Incus itself: pool, bridge with NAT, image build, login. */
const COMPANION_PACKAGES = [
  "btrfs-progs",
  "ca-certificates",
  "debian-archive-keyring",
  "dnsmasq-base",
  "iproute2",
  "lxcfs",
  "mmdebstrap",
  "nftables",
  "openssh-client",
  "squashfs-tools",
  "uidmap",
];

/** Where Incus comes from, or why it can't be had. `suite` is set where it is not the main one. */
export type IncusSource = { available: true; suite?: string } | { available: false; reason: string };

/** Decides from the system's release alone. */
export function incusSource({ id, version, title }: System): IncusSource {
  if (id === "debian" && version === 12) return { available: true, suite: "bookworm-backports" };
  if (id === "debian" && (version >= 13 || Number.isNaN(version))) return { available: true };
  if (id === "ubuntu" && version >= 24.04) return { available: true };
  return { available: false, reason: `Incus is packaged for Debian 12 and Ubuntu 24.04 or newer, not for ${title}` };
}

export async function isIncusInstalled(): Promise<boolean> {
  return (await hasIncus()) && (await isInstalled(COMPANION_PACKAGES));
}

async function hasIncus(): Promise<boolean> {
  return (await tryRun("incus", ["--version"])) !== undefined;
}

/** Installs Incus and its companions where missing; a second call finds everything in place and changes nothing. */
export async function installIncus(progress: Progress): Promise<void> {
  if (await isIncusInstalled()) return;
  const system = readSystem();
  const source = incusSource(system);
  if (!source.available) {
    // An Incus that somebody else has put there is used with what there is.
    if (await hasIncus()) return;
    throw new Error(source.reason);
  }
  await progress.step(`Install Incus on ${system.title}`, async (report) => {
    await updateLists(report);
    if (source.suite !== undefined) await ensureSuite(source.suite, report);
    await installPackages(COMPANION_PACKAGES, report);
    if (await hasIncus()) return;
    // incus-base leaves out QEMU and its firmware: servers are containers here.
    const incus = (await hasCandidate("incus-base")) ? "incus-base" : "incus";
    if (!(await hasCandidate(incus)))
      throw new Error(`apt offers no package ${incus}: enable the suite that carries it`);
    await installPackages([incus], report, source.suite);
  });
}
