/** So many points in so many seconds; then they begin anew. */
export interface RateLimitWindow {
  points: number;
  seconds: number;
}

/** What may be asked of the API, and how fast. Every call costs points (src/api/endpoint.ts). */
export interface RateLimits {
  /** Of an API key, both at once: what it may do in a short time, and on the long run. */
  keyBurst: RateLimitWindow;
  keySustained: RateLimitWindow;
  /** Of an API key, for deletes alone, once one of the other two is used up. */
  deleteReserve: RateLimitWindow;
  /** Of a client's address: requests without a valid API key. */
  addressFailures: RateLimitWindow;
  /** Of a client's address: the reference page, the description of the API, and paths that there are not. */
  addressDocuments: RateLimitWindow;
}

/** A window as it is after a request. */
export interface WindowState extends RateLimitWindow {
  name: string;
  remaining: number;
  /** Until the points begin anew. */
  msToReset: number;
}

/** What became of a request's points. */
export interface Spending {
  allowed: boolean;
  /** Those that were asked, in order; where it was refused, the last one refused. */
  windows: [WindowState, ...WindowState[]];
}
