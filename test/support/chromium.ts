import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { installPackages, updateLists } from "../../scripts/platform/apt.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** As little of its own traffic as can be: a browser that looks for updates is no part of the test. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A real browser: `CHROMIUM` names one, else one on the PATH; where there is none and we are root on Debian, its package is installed. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? onPath() ?? (await installed());
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

async function installed(): Promise<string> {
  if (process.getuid?.() === 0) {
    await updateLists(() => undefined);
    await installPackages(["chromium"], () => undefined);
  }
  const path = onPath();
  if (path === null) throw new Error("no Chromium: install one (apt-get install chromium), or name it in CHROMIUM");
  return path;
}

function onPath(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
