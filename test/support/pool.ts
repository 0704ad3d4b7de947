/** What is used by one at a time; whoever comes while none is free waits for the next. */
export class Pool<T> {
  private readonly free: T[] = [];
  private readonly waiting: ((member: T) => void)[] = [];

  add(member: T): void {
    const next = this.waiting.shift();
    if (next) next(member);
    else this.free.push(member);
  }

  async use<Result>(work: (member: T) => Promise<Result>): Promise<Result> {
    const member = this.free.pop() ?? (await new Promise<T>((resolve) => this.waiting.push(resolve)));
    try {
      return await work(member);
    } finally {
      this.add(member);
    }
  }
}
