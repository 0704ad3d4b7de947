import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A folder for each build that has run somewhere. */
const HISTORIES = "test/histories";
/** Of the workflows as they are: what `npm run histories` writes. */
const PRESENT = join(HISTORIES, "present");

export interface HistoryFile {
  /** `present/create-server-succeeded`. */
  name: string;
  path: string;
}

/** Every history that is kept, of the present workflows and of those before. */
export function historyFiles(): HistoryFile[] {
  return readdirSync(HISTORIES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({ name: file.replace(/\.json$/, ""), path: join(HISTORIES, file) }));
}

export function readHistory(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** An event a line: a change to a history can be read. */
export function writePresentHistory(name: string, history: unknown): void {
  const { events } = history as { events: unknown[] };
  mkdirSync(PRESENT, { recursive: true });
  const lines = events.map((event) => JSON.stringify(event)).join(",\n");
  writeFileSync(join(PRESENT, `${name}.json`), `{"events":[\n${lines}\n]}\n`);
}

/** Takes away what is no outcome any more. */
export function removePresentHistoriesBut(names: ReadonlySet<string>): void {
  for (const { name, path } of historyFiles()) {
    if (path.startsWith(PRESENT) && !names.has(basename(name))) rmSync(path);
  }
}
