/** Lets a limited number of callers through at once; the others wait in the order they came. */
export interface Semaphore {
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createSemaphore(limit: number): Semaphore {
  let free = limit;
  const queue: (() => void)[] = [];

  async function acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onTurn = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = () => {
        queue.splice(queue.indexOf(onTurn), 1);
        reject(signal.reason as Error);
      };
      queue.push(onTurn);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** The place goes straight to the next in line, so that nobody can slip in between. */
  function release(): void {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  }

  return {
    async run(signal, work) {
      await acquire(signal);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
