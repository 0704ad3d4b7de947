/** So many reads at once; what arrives meanwhile shares the next. One more than one, so that the database is asked while an answer is being unpacked. */
const READS_AT_ONCE = 2;

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

  /** `read` answers the rows that there are, in any order. */
  constructor(read: (ids: string[]) => Promise<T[]>) {
    this.read = read;
  }

  /** Null if there is no such row. Rejects as `read` does. */
  find(id: string): Promise<T | null> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, resolve, reject });
      if (this.underWay < READS_AT_ONCE) void this.readWaiting();
    });
  }

  private async readWaiting(): Promise<void> {
    this.underWay += 1;
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      try {
        const rows = new Map((await this.read(batch.map(({ id }) => id))).map((row) => [row.id, row]));
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
