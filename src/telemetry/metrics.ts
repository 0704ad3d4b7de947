import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { REGION_STEPS } from "../domain/hold.ts";
import { WORKFLOWS } from "../domain/workflow-contracts.ts";
import { sharedLook } from "./shared-look.ts";

export type { Registry };

/** The metrics of one process. No label of any of them takes a value that a request can choose, nor an id: the number of series stays bounded. */
export function createRegistry(): Registry {
  return new Registry();
}

/** Event loop lag, memory, CPU, garbage collection, open files. Once a process: it installs observers. */
export function observeProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}

/** Connections of a pool by their state, as they are when they are asked for. */
export function observePool(registry: Registry, usage: () => { total: number; idle: number; waiting: number }): void {
  new Gauge({
    name: "cloudnexus_db_pool_connections",
    help: "Connections to PostgreSQL: all, those that are idle, and callers that wait for one",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(usage())) this.set({ state }, count);
    },
  });
}

/** What runs, by kind of resource and type of action. */
export interface RunningActions {
  resource: string;
  type: string;
  count: number;
  oldestSeconds: number;
}

/** Asks the database at each reading. While it does not answer these metrics are missing; the others are told all the same. */
export function observeRunningActions(registry: Registry, read: () => Promise<RunningActions[]>): void {
  const current = sharedLook(read);
  const gauge = (name: string, help: string, valueOf: (running: RunningActions) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["resource", "action"],
      registers: [registry],
      async collect() {
        this.reset();
        const running = await current();
        if (running === null) return;
        for (const { resource, type: action } of EVERY_ACTION) this.set({ resource, action }, 0);
        for (const actions of running) {
          this.set({ resource: actions.resource, action: actions.type }, valueOf(actions));
        }
      },
    });
  gauge(
    "cloudnexus_actions_running",
    "Actions that were accepted and have not ended, of all workers together",
    ({ count }) => count,
  );
  gauge(
    "cloudnexus_actions_running_oldest_seconds",
    "How long ago the oldest of the running actions was accepted",
    ({ oldestSeconds }) => oldestSeconds,
  );
}

/** Actions that wait for the release of a hold, before which step, by what the database says at each reading; missing while it does not answer. */
export function observeHeldActions(
  registry: Registry,
  regions: readonly string[],
  read: () => Promise<{ region: string; step: string; count: number }[]>,
): void {
  const look = sharedLook(read);
  new Gauge({
    name: "cloudnexus_held_actions",
    help: "Running actions that wait before a step which operators hold, of all workers together",
    labelNames: ["region", "step"],
    registers: [registry],
    async collect() {
      this.reset();
      const held = await look();
      if (held === null) return;
      for (const region of regions) for (const step of REGION_STEPS) this.set({ region, step }, 0);
      for (const { region, step, count } of held) this.set({ region, step }, count);
    },
  });
}

/** Open streams of events of this process. */
export function observeEventStreams(registry: Registry, count: () => number): void {
  new Gauge({
    name: "cloudnexus_open_event_streams",
    help: "Streams of events that are open at this process",
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}

/** Every type of action of every kind of resource. */
export const EVERY_ACTION = Object.entries(WORKFLOWS).flatMap(([resource, actions]) =>
  Object.keys(actions).map((type) => ({ resource, type })),
);
