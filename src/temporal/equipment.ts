import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@temporalio/client";
import type { Logger } from "../telemetry/logger.ts";
import { ensureSchedules, type ScheduleSettings } from "./schedules.ts";
import { ensureSearchAttributes } from "./search-attributes.ts";
import { ensureCurrentBuild } from "./worker-fleet.ts";

/** A Temporal that has lost everything is equipped again after this. */
const LOOK_EVERY_MS = 10_000;

export interface EquipmentSettings extends ScheduleSettings {
  /** Of versioned workers; else null. */
  buildId: string | null;
}

export interface Equipment {
  stop(): Promise<void>;
}

/** Sees to it that Temporal has our search attributes, a current build of versioned workers, and our schedules: now, which fails if it can't be done, and as long as the worker runs. */
export async function keepEquipped(
  client: Client,
  taskQueuePrefix: string,
  { buildId, ...schedules }: EquipmentSettings,
  logger: Logger,
): Promise<Equipment> {
  const ensure = async (renew: boolean) => {
    await ensureSearchAttributes(client);
    if (buildId !== null) await ensureCurrentBuild(client, taskQueuePrefix, buildId);
    await ensureSchedules(client, taskQueuePrefix, schedules, { renew });
  };
  await ensure(true);
  const stopping = new AbortController();
  const looking = (async () => {
    let isAway = false;
    while (await pause(stopping.signal)) {
      try {
        await ensure(false);
        isAway = false;
      } catch (err) {
        if (!isAway && !stopping.signal.aborted)
          logger.warn({ err }, "schedules and search attributes were not looked at");
        isAway = true;
      }
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}

/** False once it is to stop. */
async function pause(signal: AbortSignal): Promise<boolean> {
  try {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
