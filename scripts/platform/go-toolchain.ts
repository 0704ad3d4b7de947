import { existsSync } from "node:fs";
import { run, tryRun } from "./run.ts";

/** From this release on, Go fetches the toolchain that a module asks for by itself. */
const MIN_MINOR = 21;
const DEBIAN_BACKPORT = "/usr/lib/go-1.24/bin/go";

/** A Go that can build our pinned tools: the one on PATH, or, as root on Debian and Ubuntu, one from the distribution. */
export async function ensureGo(report: (detail: string) => void): Promise<string> {
  for (const program of ["go", "/usr/local/go/bin/go", DEBIAN_BACKPORT]) {
    if (await canBuild(program)) return program;
  }
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    report("installing Go from the distribution");
    await run("apt-get", ["update"], { onLine: report });
    const package_ = await newestPackage();
    if (package_) {
      const environment = { DEBIAN_FRONTEND: "noninteractive" };
      await run("apt-get", ["install", "-y", "--no-install-recommends", package_.name], {
        onLine: report,
        env: environment,
      });
      if (await canBuild(package_.program)) return package_.program;
    }
  }
  throw new Error(
    `building needs Go 1.${MIN_MINOR} or newer: install it from https://go.dev/dl, or put a temporal CLI on PATH`,
  );
}

async function canBuild(program: string): Promise<boolean> {
  const found = /go1\.(\d+)/.exec((await tryRun(program, ["version"])) ?? "");
  return found !== null && Number(found[1]) >= MIN_MINOR;
}

/** The newest golang-1.x-go that apt offers (bookworm has it in backports). */
async function newestPackage(): Promise<{ name: string; program: string } | null> {
  const listed = (await tryRun("apt-cache", ["pkgnames", "golang-1."])) ?? "";
  const minors = [...listed.matchAll(/^golang-1\.(\d+)-go$/gm)].map((match) => Number(match[1]));
  const newest = Math.max(0, ...minors);
  return newest >= MIN_MINOR ? { name: `golang-1.${newest}-go`, program: `/usr/lib/go-1.${newest}/bin/go` } : null;
}
