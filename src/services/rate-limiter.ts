import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimits, RateLimitWindow, Spending, WindowState } from "../domain/rate-limits.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Counts what API keys and addresses ask for. */
export interface RateLimiter {
  /** Takes a call's points from its API key: all or, if there are not enough, what is left. A delete has a reserve. */
  spend(apiKeyId: string, cost: number, isDelete: boolean): Promise<Spending>;
  /** Counts a request that has no valid API key, or may have none. */
  countFailure(address: string): Promise<Spending>;
  /** Takes `countFailure` back: the API key was valid. */
  forgiveFailure(address: string): Promise<void>;
  /** Counts a request for what everybody may read. */
  countDocument(address: string): Promise<Spending>;
}

export interface RateLimiterOptions {
  limits: RateLimits;
  /** Counts for several processes; null: each counts by itself. Addresses are counted by each all the same: a query to save a query would save none. */
  store: Pick<Store, "rateLimiter"> | null;
  logger: Logger;
}

const OUTAGE_LOG_INTERVAL_MS = 10_000;

export function createRateLimiter({ limits, store, logger }: RateLimiterOptions): RateLimiter {
  const onError = outageLog(logger);
  const ofKey = (name: string, of: RateLimitWindow) => {
    const limiter = store ? store.rateLimiter({ name, ...of, onError }) : inMemory(name, of);
    return new Window(name, of, limiter);
  };
  const burst = ofKey("burst", limits.keyBurst);
  const sustained = ofKey("sustained", limits.keySustained);
  const reserve = ofKey("delete", limits.deleteReserve);
  const failures = inMemory("address", limits.addressFailures);
  const ofAddress = new Window("address", limits.addressFailures, failures);
  const documents = new Window("documents", limits.addressDocuments, inMemory("documents", limits.addressDocuments));

  return {
    async spend(apiKeyId, cost, isDelete) {
      const short = await burst.take(apiKeyId, cost);
      // What the burst refuses does not count on the long run: a client that tries too often waits a minute, not an hour.
      const long = short.allowed ? await sustained.take(apiKeyId, cost) : null;
      if (long?.allowed) return { allowed: true, windows: [short.state, long.state] };
      const refused: Spending = { allowed: false, windows: long ? [long.state, short.state] : [short.state] };
      if (!isDelete) return refused;
      const { allowed, state } = await reserve.take(apiKeyId, cost);
      return { allowed, windows: [state] };
    },

    async countFailure(address) {
      const { allowed, state } = await ofAddress.take(address, 1);
      return { allowed, windows: [state] };
    },

    async forgiveFailure(address) {
      await failures.reward(address, 1);
    },

    async countDocument(address) {
      const { allowed, state } = await documents.take(address, 1);
      return { allowed, windows: [state] };
    },
  };
}

class Window {
  private readonly name: string;
  private readonly window: RateLimitWindow;
  private readonly limiter: RateLimiterAbstract;

  constructor(name: string, window: RateLimitWindow, limiter: RateLimiterAbstract) {
    this.name = name;
    this.window = window;
    this.limiter = limiter;
  }

  async take(key: string, cost: number): Promise<{ allowed: boolean; state: WindowState }> {
    try {
      return { allowed: true, state: this.state(await this.limiter.consume(key, cost)) };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { allowed: false, state: this.state(refusal) };
    }
  }

  private state({ remainingPoints, msBeforeNext }: RateLimiterRes): WindowState {
    const { name, window } = this;
    return {
      name,
      points: window.points,
      seconds: window.seconds,
      remaining: remainingPoints,
      msToReset: msBeforeNext,
    };
  }
}

function inMemory(name: string, { points, seconds }: RateLimitWindow): RateLimiterMemory {
  return new RateLimiterMemory({ keyPrefix: name, points, duration: seconds });
}

/** Every request would say it. */
function outageLog(logger: Logger): (error: unknown) => void {
  let silentUntil = Number.NEGATIVE_INFINITY;
  return (err) => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + OUTAGE_LOG_INTERVAL_MS;
    logger.warn({ err }, "rate limits are counted in this process: the database does not answer");
  };
}
