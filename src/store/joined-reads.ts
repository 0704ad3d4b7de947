/** So many equal reads at once; what arrives meanwhile joins the next. One more than one, so that the database is asked while an answer is being unpacked. */
const READS_AT_ONCE = 2;

/** The equal reads of one key. */
interface Line<T> {
  underWay: number;
  /** Begins when one of those under way has ended: whoever joins it came before it began, and sees nothing older than its own question. */
  next: { answer: Promise<T>; begin: () => void } | null;
}

/** Equal reads that arrive while others are under way share one statement: many clients that poll the same list cost the database no more than two. */
export class JoinedReads<T> {
  private readonly lines = new Map<string, Line<T>>();

  /** `key` says all that the answer depends on. The answer is shared: it is not to be changed. Rejects as `read` does. */
  find(key: string, read: () => Promise<T>): Promise<T> {
    const line = this.lines.get(key) ?? { underWay: 0, next: null };
    this.lines.set(key, line);
    if (line.underWay < READS_AT_ONCE) return this.run(key, line, read);
    line.next ??= this.later(key, line, read);
    return line.next.answer;
  }

  private later(key: string, line: Line<T>, read: () => Promise<T>): NonNullable<Line<T>["next"]> {
    let begin: () => void = () => undefined;
    const answer = new Promise<T>((resolve, reject) => {
      begin = () => void this.run(key, line, read).then(resolve, reject);
    });
    return { answer, begin };
  }

  private async run(key: string, line: Line<T>, read: () => Promise<T>): Promise<T> {
    line.underWay += 1;
    try {
      return await read();
    } finally {
      line.underWay -= 1;
      const { next } = line;
      line.next = null;
      next?.begin();
      if (line.underWay === 0) this.lines.delete(key);
    }
  }
}
