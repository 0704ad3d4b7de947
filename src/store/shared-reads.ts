/** What arrives while a read is under way shares the next. One that takes longer than this holds nobody up: the next goes out beside it. */
const PATIENCE_MS = 25;

interface Waiter<T> {
  id: string;
  resolve: (row: T | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads single rows by id, those that arrive together in one statement: under load a statement costs more than its rows do. With nothing under way a read goes out at
 * once, alone.
 */
export class SharedReads<T extends { id: string }> {
  private readonly read: (ids: string[]) => Promise<T[]>;
  private waiting: Waiter<T>[] = [];
  private underWay = 0;
  /** Of the latest read, on the clock of `performance.now()`. */
  private begunAt = 0;

  /** `read` answers the rows that there are, in any order. */
  constructor(read: (ids: string[]) => Promise<T[]>) {
    this.read = read;
  }

  /** Null if there is no such row. Rejects as `read` does. */
  find(id: string): Promise<T | null> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, resolve, reject });
      if (this.underWay === 0 || performance.now() - this.begunAt > PATIENCE_MS) void this.readWaiting();
    });
  }

  private async readWaiting(): Promise<void> {
    this.underWay += 1;
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      this.begunAt = performance.now();
      try {
        const rows = new Map((await this.read([...new Set(batch.map(({ id }) => id))])).map((row) => [row.id, row]));
        for (const { id, resolve } of batch) resolve(rows.get(id) ?? null);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.underWay -= 1;
  }

  private take(): Waiter<T>[] {
    const batch = this.waiting;
    this.waiting = [];
    return batch;
  }
}
