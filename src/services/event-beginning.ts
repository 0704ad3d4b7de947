import { DomainError } from "../domain/domain-error.ts";
import { type EventPosition, eventPosition } from "../domain/event.ts";
import { LIMITS } from "../domain/limits.ts";
import type { EventLog } from "../store/events.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** How a stream begins: from where it was left, or now. `reset`: what came in between may be gone. */
export interface Beginning {
  kind: "ready" | "reset";
  position: EventPosition;
}

/** Where a stream goes on after `lastEventId`; null: it begins with what happens from now on. */
export async function beginningOf(events: EventLog, accountId: string, lastEventId: string | null): Promise<Beginning> {
  if (lastEventId === null) return { kind: "ready", position: await now(events, accountId) };
  const position = eventPosition(lastEventId);
  if (!position) {
    const issue = "is no id of an event; send the last `id` that the stream gave";
    throw new DomainError("validation_failed", { details: [{ field: "last_event_id", issue }] });
  }
  if (await isWhole(events, accountId, position)) return { kind: "ready", position };
  return { kind: "reset", position: await now(events, accountId) };
}

async function now(events: EventLog, accountId: string): Promise<EventPosition> {
  return (await events.latest(accountId)) ?? { id: 0n, at: new Date() };
}

/** Whether everything since is still there. Events go in their order, so one that is there has all after it. */
async function isWhole(events: EventLog, accountId: string, position: EventPosition): Promise<boolean> {
  if (position.id > 0n) return events.has(accountId, position);
  // Given out when the account had no event: what came since can't be older than that.
  return Date.now() - position.at.getTime() < LIMITS.eventRetentionDays * DAY_MS;
}
