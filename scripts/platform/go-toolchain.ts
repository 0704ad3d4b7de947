import { readdirSync } from "node:fs";
import { ensureSuite, installPackages, updateLists } from "./apt.ts";
import { run, tryRun } from "./run.ts";
import { readSystem } from "./system.ts";

/** From this release on, Go fetches the toolchain that a module asks for by itself. */
const MIN_MINOR = 21;
const DISTRIBUTION_FOLDER = "/usr/lib";

export interface GoOptions {
  /** True: as root on Debian and Ubuntu, one from the distribution is installed where none is found. */
  mayInstall: boolean;
  report: (detail: string) => void;
}

/** A Go that can build our pinned tools. */
export async function ensureGo({ mayInstall, report }: GoOptions): Promise<string> {
  const found = await findGo();
  if (found) return found;
  if (mayInstall && process.getuid?.() === 0) {
    report("installing Go from the distribution");
    await installGo(report);
    const installed = await findGo();
    if (installed) return installed;
  }
  throw new Error(
    `building needs Go 1.${MIN_MINOR} or newer: install it from https://go.dev/dl, or put a temporal CLI on PATH`,
  );
}

async function findGo(): Promise<string | undefined> {
  const packaged = readdirSync(DISTRIBUTION_FOLDER).filter((name) => /^go-1\.\d+$/.test(name));
  const programs = packaged.map((name) => `${DISTRIBUTION_FOLDER}/${name}/bin/go`);
  for (const program of ["go", "/usr/local/go/bin/go", ...programs]) {
    const version = /go1\.(\d+)/.exec((await tryRun(program, ["version"])) ?? "");
    if (version && Number(version[1]) >= MIN_MINOR) return program;
  }
  return undefined;
}

/** The newest golang-1.x-go that apt offers; Debian 12 has one that is new enough in its backports. */
async function installGo(report: (detail: string) => void): Promise<void> {
  await updateLists(report);
  const { id, version } = readSystem();
  if (id === "debian" && version === 12) await ensureSuite("bookworm-backports", report);
  const listed = await run("apt-cache", ["pkgnames", "golang-1."]);
  const minors = [...listed.matchAll(/^golang-1\.(\d+)-go$/gm)].map((match) => Number(match[1]));
  const newest = Math.max(0, ...minors);
  if (newest >= MIN_MINOR) await installPackages([`golang-1.${newest}-go`], report);
}
