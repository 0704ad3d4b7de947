interface LoggedRequest {
  seq: number;
  method: string;
  path: string;
  project: string;
  /** Null while unanswered, and for ever if the connection was cut. */
  status: number | null;
}

const kept = 50_000;

/** What was asked of the server since its start or last reset, newest at the end. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #lastSeq = 0;

  add(method: string, path: string, project: string): LoggedRequest {
    const entry: LoggedRequest = { seq: ++this.#lastSeq, method, path, project, status: null };
    this.#entries.push(entry);
    if (this.#entries.length > 2 * kept) this.#entries = this.#entries.slice(-kept);
    return entry;
  }

  since(seq: number): LoggedRequest[] {
    return this.#entries.filter((entry) => entry.seq > seq);
  }

  clear(): void {
    this.#entries = [];
  }
}
