import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** One stored object set (or removed, with null) under a key of a collection. */
export type JournalEntry = readonly [collection: string, key: string, value: unknown];

/**
 * Append-only file of JSON lines, a line per commit, so that a commit is there whole or not at all. A line is handed to the kernel before the
 * answer leaves: it outlives a SIGKILL of this process, which is what the tests need, at the price of one write call (a power cut may lose it).
 */
export class Journal {
  readonly #file: string;
  #descriptor: number | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** The commits of earlier runs, oldest first. A last line cut off by a kill is no commit. */
  read(): JournalEntry[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, "utf8").split("\n");
    lines.pop();
    return lines.flatMap((line, index) => {
      try {
        return JSON.parse(line) as JournalEntry[];
      } catch {
        throw new Error(`state file ${this.#file} is damaged at line ${index + 1}: move it away to start empty`);
      }
    });
  }

  /** Rewrites the file to what is alive and opens it for appending. */
  openCompacted(alive: JournalEntry[]): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    const fresh = `${this.#file}.new`;
    writeFileSync(fresh, alive.map((entry) => `${JSON.stringify([entry])}\n`).join(""), { mode: 0o600 });
    renameSync(fresh, this.#file);
    this.#descriptor = openSync(this.#file, "a");
  }

  append(entries: JournalEntry[]): void {
    if (this.#descriptor === null) throw new Error("the journal is not open");
    writeSync(this.#descriptor, `${JSON.stringify(entries)}\n`);
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
