/** What arrives while an equal read is under way joins the next. One that takes longer than this holds nobody up: the next goes out beside it. */
const PATIENCE_MS = 25;

/** The equal reads of one key. */
interface Line<T> {
  underWay: number;
  /** Of the latest read, on the clock of `performance.now()`. */
  begunAt: number;
  /** Begins when one of those under way has ended, or takes too long: whoever joins it came before it began, and sees nothing older than its own question. */
  next: { answer: Promise<T>; begin: () => void } | null;
  /** What the latest read that ended has answered. */
  previous: T | null;
}

/** Reads; `previous` is what an equal read has answered a moment ago, to be answered again where nothing has changed. */
type Read<T> = (previous: T | null) => Promise<T>;

/** Equal reads that arrive while others are under way share one statement: many clients that poll the same list cost the database no more than one. */
export class JoinedReads<T> {
  private readonly lines = new Map<string, Line<T>>();

  /** `key` says all that the answer depends on. The answer is shared: it is not to be changed. Rejects as `read` does. */
  find(key: string, read: Read<T>): Promise<T> {
    const line = this.lines.get(key) ?? { underWay: 0, begunAt: 0, next: null, previous: null };
    this.lines.set(key, line);
    if (line.underWay === 0) return this.run(key, line, read);
    line.next ??= this.later(key, line, read);
    const { answer } = line.next;
    if (performance.now() - line.begunAt > PATIENCE_MS) beginNext(line);
    return answer;
  }

  private later(key: string, line: Line<T>, read: Read<T>): NonNullable<Line<T>["next"]> {
    let begin: () => void = () => undefined;
    const answer = new Promise<T>((resolve, reject) => {
      begin = () => void this.run(key, line, read).then(resolve, reject);
    });
    return { answer, begin };
  }

  private async run(key: string, line: Line<T>, read: Read<T>): Promise<T> {
    line.underWay += 1;
    line.begunAt = performance.now();
    try {
      line.previous = await read(line.previous);
      return line.previous;
    } finally {
      line.underWay -= 1;
      beginNext(line);
      if (line.underWay === 0) this.lines.delete(key);
    }
  }
}

function beginNext<T>(line: Line<T>): void {
  const { next } = line;
  line.next = null;
  next?.begin();
}
