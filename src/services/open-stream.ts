/** A stream of events, as far as others have to do with it: it sleeps until there may be something to read. */
export class OpenStream {
  readonly accountId: string;
  readonly tokenId: string;
  /** The number of the last event that it has read. */
  readTo = 0n;
  private isOver = false;
  private isAwake = false;
  private rouse: () => void = () => undefined;

  constructor(accountId: string, tokenId: string) {
    this.accountId = accountId;
    this.tokenId = tokenId;
  }

  hasEnded(): boolean {
    return this.isOver;
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  wake(): void {
    this.isAwake = true;
    this.rouse();
  }

  /** To be called before it reads: what wakes it from now on may be newer than what it reads. */
  fallAsleep(): void {
    this.isAwake = this.isOver;
  }

  /** Resolves once it is awake, or after `timeoutMs`. */
  awake(timeoutMs: number): Promise<void> {
    if (this.isAwake) return Promise.resolve();
    return new Promise((resolve) => {
      const timeout = setTimeout(resolve, Math.max(0, timeoutMs));
      this.rouse = () => {
        clearTimeout(timeout);
        resolve();
      };
    });
  }
}
