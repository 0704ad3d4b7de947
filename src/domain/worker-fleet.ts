/** A build of the workers, as Temporal knows it. */
export interface WorkerBuild {
  buildId: string;
  /**
   * `current`: new actions begin on it. `ramping`: a share of them does. `draining`: actions that began on it are still under way. `drained`: none is, and its workers may go.
   * `inactive`: nothing has begun on it yet.
   */
  status: WorkerBuildStatus;
  /** Of new actions, while it is ramping; else null. */
  percent: number | null;
  /** Workers of it that ask for workflows at the moment. */
  workers: number;
  firstSeenAt: Date | null;
  /** When it was the current one last; null: never. */
  lastCurrentAt: Date | null;
}

export const WORKER_BUILD_STATUSES = ["inactive", "current", "ramping", "draining", "drained"] as const;
export type WorkerBuildStatus = (typeof WORKER_BUILD_STATUSES)[number];

/** The versioned workers of this installation. What is asked of a build that is not known throws a `DomainError`. */
export interface WorkerFleet {
  /** Newest first; empty: no worker is versioned. */
  builds(): Promise<WorkerBuild[]>;
  /** New actions begin on it from now on; a ramp ends. */
  setCurrent(buildId: string): Promise<void>;
  /** So many of a hundred new actions begin on it; 0 ends the ramp. */
  ramp(buildId: string, percent: number): Promise<void>;
}
