import { DomainError } from "../domain/domain-error.ts";
import type { AccountEvent, EventPosition } from "../domain/event.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Principal } from "../domain/principal.ts";
import type { EventNotices } from "../store/event-notices.ts";
import { isOutage } from "../store/outage.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type Beginning, beginningOf } from "./event-beginning.ts";
import { canSee } from "./event-visibility.ts";
import { OpenStream } from "./open-stream.ts";
import type { EventsRequest, StreamedEvent } from "./services.ts";

const TIMINGS_MS = {
  /** How often streams look for what no notice told of, and whether their keys still work: a stream has to end within a second of its key. */
  look: 500,
  /** What is silent for longer is taken for dead by what is in between. */
  heartbeat: 15_000,
};
const EVENTS_A_READ = 100;

interface StreamsOptions {
  store: Pick<Store, "events" | "eventNotices" | "apiKeyTokens">;
  logger: Logger;
  timings?: Partial<typeof TIMINGS_MS>;
}

/**
 * The open streams of this process. Each reads the outbox at its own pace, so nothing is kept for a client that is slow. A stream is woken by a notice about its account, and by two
 * looks a second for all of them together, which also ends those whose key was revoked or has expired, or whose account is suspended.
 */
export class EventStreams {
  private readonly store: StreamsOptions["store"];
  private readonly logger: Logger;
  private readonly timings: typeof TIMINGS_MS;
  private readonly streams = new Set<OpenStream>();
  private notices: EventNotices | null = null;
  private nextLook: NodeJS.Timeout | null = null;

  constructor({ store, logger, timings }: StreamsOptions) {
    this.store = store;
    this.logger = logger;
    this.timings = { ...TIMINGS_MS, ...timings };
  }

  /** How many are open. */
  get count(): number {
    return this.streams.size;
  }

  /** It ends with the signal, or when the key does. Throws `too_many_streams` and, where the whole process has too many, `overloaded`. */
  async open(request: EventsRequest, principal: Principal, signal: AbortSignal): Promise<AsyncIterable<StreamedEvent>> {
    const { accountId, tokenId } = principal;
    if (this.ofAccount(accountId).length >= LIMITS.eventStreamsPerAccount) throw new DomainError("too_many_streams");
    if (this.streams.size >= LIMITS.eventStreamsPerProcess) throw new DomainError("overloaded");
    const stream = new OpenStream(accountId, tokenId);
    this.add(stream);
    const close = () => {
      stream.end();
      this.remove(stream);
    };
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    try {
      const beginning = await beginningOf(this.store.events, accountId, request.lastEventId);
      const isWanted = (event: AccountEvent) => canSee(principal, event) && meets(request, event);
      return this.follow(stream, beginning, isWanted);
    } catch (error) {
      close();
      throw error;
    }
  }

  private async *follow(
    stream: OpenStream,
    beginning: Beginning,
    isWanted: (event: AccountEvent) => boolean,
  ): AsyncGenerator<StreamedEvent> {
    let position = beginning.position;
    let spokenAt = performance.now();
    stream.readTo = position.id;
    try {
      yield beginning;
      while (!stream.hasEnded()) {
        stream.fallAsleep();
        const events = await this.read(stream.accountId, position);
        for (const event of events) {
          position = event.position;
          stream.readTo = position.id;
          if (!isWanted(event)) continue;
          if (stream.hasEnded()) return;
          yield { kind: "event", event };
          spokenAt = performance.now();
        }
        if (events.length === EVENTS_A_READ) continue;
        await stream.awake(spokenAt + this.timings.heartbeat - performance.now());
        if (stream.hasEnded() || performance.now() < spokenAt + this.timings.heartbeat) continue;
        yield { kind: "heartbeat", position };
        spokenAt = performance.now();
      }
    } finally {
      this.remove(stream);
    }
  }

  /** Nothing while the database is away: the stream stays, and goes on from where it was. */
  private async read(accountId: string, { id }: EventPosition): Promise<AccountEvent[]> {
    try {
      return await this.store.events.after(accountId, id, EVENTS_A_READ);
    } catch (error) {
      if (!isOutage(error)) throw error;
      return [];
    }
  }

  private ofAccount(accountId: string): OpenStream[] {
    return [...this.streams].filter((stream) => stream.accountId === accountId);
  }

  private add(stream: OpenStream): void {
    this.streams.add(stream);
    this.notices ??= this.store.eventNotices((accountId) => {
      for (const woken of this.ofAccount(accountId)) woken.wake();
    });
    this.notices.watch(stream.accountId);
    this.nextLook ??= this.planLook();
  }

  private remove(stream: OpenStream): void {
    if (!this.streams.delete(stream)) return;
    if (this.ofAccount(stream.accountId).length === 0) this.notices?.unwatch(stream.accountId);
  }

  private planLook(): NodeJS.Timeout {
    return setTimeout(() => {
      void this.look().finally(() => {
        this.nextLook = this.streams.size === 0 ? null : this.planLook();
      });
    }, this.timings.look).unref();
  }

  private async look(): Promise<void> {
    const open = [...this.streams];
    if (open.length === 0) return;
    try {
      const [working, latest] = await Promise.all([
        this.store.apiKeyTokens.inForce([...new Set(open.map(({ tokenId }) => tokenId))]),
        this.store.events.latestOf([...new Set(open.map(({ accountId }) => accountId))]),
      ]);
      for (const stream of open) {
        if (!working.has(stream.tokenId)) stream.end();
        else if ((latest.get(stream.accountId) ?? 0n) > stream.readTo) stream.wake();
      }
    } catch (err) {
      // While the database is away there is nothing to send, and the pool has told of it.
      if (!isOutage(err)) this.logger.error({ err }, "streams could not look for events");
    }
  }
}

function meets({ type, resourceId }: EventsRequest, event: AccountEvent): boolean {
  return (type === null || event.type === type) && (resourceId === null || event.resourceId === resourceId);
}
