import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import type { Progress } from "./progress.ts";
import { run, tryRun } from "./run.ts";

/** What the control plane's host needs beside Incus itself: pool, bridge with NAT, image build, login. */
const COMPANION_PACKAGES = [
  "btrfs-progs",
  "dnsmasq-base",
  "nftables",
  "iproute2",
  "squashfs-tools",
  "mmdebstrap",
  "lxcfs",
  "uidmap",
  "openssh-client",
  "ca-certificates",
];

const BACKPORTS_FILE = "/etc/apt/sources.list.d/cloudnexus-backports.list";
const ARCHIVE_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const APT_ENVIRONMENT = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "a", LC_ALL: "C.UTF-8" };

/** Where Incus comes from on this system, or why it can't be had. `suite` is set where it is not the main one. */
export type IncusSource = { available: true; suite?: string; system: string } | { available: false; reason: string };

/** Decides from /etc/os-release only; nothing on the system is changed. */
export async function findIncusSource(osReleaseFile = "/etc/os-release"): Promise<IncusSource> {
  if (process.platform !== "linux")
    return { available: false, reason: `Incus needs Linux, this is ${process.platform}` };
  const release = parseOsRelease(existsSync(osReleaseFile) ? await readFile(osReleaseFile, "utf8") : "");
  const system = release["PRETTY_NAME"] ?? "this Linux";
  const version = Number.parseFloat(release["VERSION_ID"] ?? "");
  if (release["ID"] === "debian" && version === 12) return { available: true, suite: "bookworm-backports", system };
  if (release["ID"] === "debian" && (version >= 13 || Number.isNaN(version))) return { available: true, system };
  if (release["ID"] === "ubuntu" && version >= 24.04) return { available: true, system };
  return {
    available: false,
    reason: `Incus is installed by this script on Debian 12+ and Ubuntu 24.04+, not on ${system}`,
  };
}

export async function isIncusInstalled(): Promise<boolean> {
  return (await tryRun("incus", ["--version"])) !== undefined && (await missingPackages()).length === 0;
}

/** Installs Incus and its companions where missing; a second call finds everything in place and changes nothing. */
export async function installIncus(progress: Progress): Promise<void> {
  if (await isIncusInstalled()) return;
  const source = await findIncusSource();
  if (!source.available) throw new Error(source.reason);
  const apt = async (args: string[], report: (detail: string) => void) => {
    const settings = ["-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"];
    await run("apt-get", [...settings, ...args], { env: APT_ENVIRONMENT, onLine: report });
  };

  await progress.step(`Install Incus on ${source.system}`, async (report) => {
    await apt(["update"], report);
    if (source.suite !== undefined && !(await hasSuite(source.suite))) {
      await addSuite(source.suite);
      await apt(["update"], report);
    }
    const fromSuite = source.suite === undefined ? [] : ["--target-release", source.suite];
    // incus-base leaves out QEMU and its firmware: servers are containers here.
    const incus = (await hasCandidate("incus-base")) ? "incus-base" : "incus";
    if (!(await hasCandidate(incus)))
      throw new Error(`apt offers no package ${incus}: enable the suite that carries it`);
    const others = COMPANION_PACKAGES.filter((name) => name !== incus);
    await apt(["install", "--yes", "--no-install-recommends", ...others], report);
    await apt(["install", "--yes", "--no-install-recommends", ...fromSuite, incus], report);
  });
}

async function missingPackages(): Promise<string[]> {
  const listed = await tryRun("dpkg-query", ["--show", "--showformat", "${Package} ${db:Status-Status}\n"]);
  const installed = new Set(
    (listed ?? "")
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return COMPANION_PACKAGES.filter((name) => !installed.has(name));
}

async function hasCandidate(name: string): Promise<boolean> {
  const policy = (await tryRun("apt-cache", ["policy", name])) ?? "";
  return /Candidate: (?!\(none\))/.test(policy);
}

interface AptTarget {
  uri: string;
  suite: string;
  codename: string;
  component: string;
}

async function aptTargets(): Promise<AptTarget[]> {
  const format = "$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)";
  const listed = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  return listed.split("\n").flatMap((line) => {
    const [uri, suite, codename, component] = line.split("|");
    return uri && suite && codename && component ? [{ uri, suite, codename, component }] : [];
  });
}

async function hasSuite(suite: string): Promise<boolean> {
  return (await aptTargets()).some((target) => target.suite === suite && target.component === "main");
}

/** Adds a suite from the mirror that this machine already uses for its main one. */
async function addSuite(suite: string): Promise<void> {
  const main = suite.split("-")[0] ?? suite;
  const base = (await aptTargets()).find((target) => target.codename === main && target.component === "main");
  if (!base) throw new Error(`apt has no source for ${main}: add one to /etc/apt/sources.list, then run this again`);
  const options = existsSync(ARCHIVE_KEYRING) ? `[signed-by=${ARCHIVE_KEYRING}] ` : "";
  await writeFile(BACKPORTS_FILE, `# Added by CloudNexus for Incus.\ndeb ${options}${base.uri} ${suite} main\n`);
}

function parseOsRelease(text: string): Record<string, string | undefined> {
  const pairs = text.split("\n").map((line) => /^([A-Z_]+)="?([^"]*)"?$/.exec(line.trim()));
  return Object.fromEntries(pairs.flatMap((match) => (match?.[1] === undefined ? [] : [[match[1], match[2] ?? ""]])));
}
