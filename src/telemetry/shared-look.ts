/** Less than Prometheus waits for all metrics of a process. */
const PATIENCE_MS = 2_000;

/**
 * A look that all gauges of one reading share. Null if it fails, or takes too long: a database that hangs must not keep what else the process tells from being read. There is one
 * look at a time; one that hangs is not joined by others.
 */
export function sharedLook<T>(read: () => Promise<T>): () => Promise<T | null> {
  let look: Promise<T | null> | null = null;
  return async () => {
    look ??= read()
      .catch(() => null)
      .finally(() => {
        look = null;
      });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), PATIENCE_MS);
    });
    try {
      return await Promise.race([look, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  };
}
