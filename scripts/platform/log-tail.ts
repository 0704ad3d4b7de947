import { existsSync, readFileSync, statSync } from "node:fs";

const LINES_SHOWN = 3;
const LINE_MAX_CHARACTERS = 300;
const START_FAILURE = "cloudnexus cannot start: ";

/** What a process says in its log from now on: earlier runs wrote to the same file. */
export class LogTail {
  readonly #file: string;
  readonly #fromByte: number;

  constructor(file: string) {
    this.#file = file;
    this.#fromByte = existsSync(file) ? statSync(file).size : 0;
  }

  text(): string {
    return existsSync(this.#file) ? readFileSync(this.#file).subarray(this.#fromByte).toString("utf8") : "";
  }

  /** The reason of a failed start where it is given, else the last lines: in one line, with the file. */
  lastWords(): string {
    const lines = this.text()
      .split("\n")
      .filter((line) => line.trim() !== "");
    const reason = lines.findLast((line) => line.startsWith(START_FAILURE));
    if (reason) return reason.slice(START_FAILURE.length);
    const shown = lines.slice(-LINES_SHOWN).map(readable);
    return `${shown.join(" | ") || "it said nothing"} (log: ${this.#file})`;
  }
}

/** Our own processes log JSON, of which the message tells most. */
function readable(line: string): string {
  try {
    const entry = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    if (entry.msg !== undefined) return entry.err?.message ? `${entry.msg}: ${entry.err.message}` : entry.msg;
  } catch {
    // Not JSON: shown as it is.
  }
  return line.slice(0, LINE_MAX_CHARACTERS);
}
