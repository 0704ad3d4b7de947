import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { run, tryRun } from "./run.ts";

/** Sources, candidates and installation of packages on Debian and Ubuntu. */

const ENVIRONMENT = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "a", LC_ALL: "C.UTF-8" };
const SETTINGS = ["-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"];
const ARCHIVE_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const BACKPORTS_FILE = "/etc/apt/sources.list.d/cloudnexus-backports.list";

type Report = (detail: string) => void;

export interface AptSource {
  uri: string;
  suite: string;
  codename: string;
  component: string;
}

/** What this machine's apt reads from. Empty where there is no apt. */
export async function aptSources(): Promise<AptSource[]> {
  const format = "$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)";
  const listed = (await tryRun("apt-get", ["indextargets", "--format", format, "Created-By: Packages"])) ?? "";
  return listed.split("\n").flatMap((line) => {
    const [uri, suite, codename, component] = line.split("|");
    return uri && suite && codename && component ? [{ uri, suite, codename, component }] : [];
  });
}

export async function updateLists(report: Report): Promise<void> {
  await run("apt-get", [...SETTINGS, "update"], { env: ENVIRONMENT, onLine: report });
}

/** Installs without recommended packages; `suite` is preferred where it is given. */
export async function installPackages(names: readonly string[], report: Report, suite?: string): Promise<void> {
  const target = suite === undefined ? [] : ["--target-release", suite];
  const args = [...SETTINGS, "install", "--yes", "--no-install-recommends", ...target, ...names];
  await run("apt-get", args, { env: ENVIRONMENT, onLine: report });
}

export async function hasCandidate(name: string): Promise<boolean> {
  const policy = (await tryRun("apt-cache", ["policy", name])) ?? "";
  return /Candidate: (?!\(none\))/.test(policy);
}

export async function isInstalled(names: readonly string[]): Promise<boolean> {
  const format = "$" + "{Package} $" + "{db:Status-Status}\n";
  const listed = (await tryRun("dpkg-query", ["--show", "--showformat", format])) ?? "";
  const installed = new Set(listed.split("\n").flatMap((line) => /^(\S+) installed$/.exec(line)?.[1] ?? []));
  return names.every((name) => installed.has(name));
}

/** Adds a suite where it is missing, from the mirror that this machine already uses for its main one. */
export async function ensureSuite(suite: string, report: Report): Promise<void> {
  const sources = await aptSources();
  if (sources.some((source) => source.suite === suite && source.component === "main")) return;
  const [codename] = suite.split("-");
  const base = sources.find((source) => source.codename === codename && source.component === "main");
  if (!base)
    throw new Error(`apt has no source for ${codename}: add one to /etc/apt/sources.list, then run this again`);
  const options = existsSync(ARCHIVE_KEYRING) ? `[signed-by=${ARCHIVE_KEYRING}] ` : "";
  await writeFile(BACKPORTS_FILE, `# Added by CloudNexus for Incus.\ndeb ${options}${base.uri} ${suite} main\n`);
  await updateLists(report);
}
