import pg from "pg";

interface NoticesOptions {
  databaseUrl: string;
  /** The account has new events, or may have. */
  onNotice: (accountId: string) => void;
  onError: (error: Error) => void;
}

const CHANNEL = "cloudnexus_events";
const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * Hears of new events at once. The triggers tell only of accounts whose lock is held (the migration `events`), so this holds one for each account that is watched, on a
 * connection of its own, which is opened by the first. A hint, and no more: it may be late or lost while the connection is broken, and whoever relies on events has to look by itself as well.
 */
export class EventNotices {
  private readonly options: NoticesOptions;
  private readonly watched = new Set<string>();
  /** Null: there is none, or it broke. */
  private client: pg.Client | null = null;
  private isConnected = false;
  private retry: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(options: NoticesOptions) {
    this.options = options;
  }

  watch(accountId: string): void {
    if (this.watched.has(accountId)) return;
    this.watched.add(accountId);
    if (!this.client) this.connect();
    // A connection that is being opened locks all that are watched by then.
    else if (this.isConnected) this.lock(this.client, accountId);
  }

  unwatch(accountId: string): void {
    if (!this.watched.delete(accountId) || !this.client || !this.isConnected) return;
    this.send(this.client, "SELECT pg_advisory_unlock_shared(hashtextextended('listening for ' || $1, 0))", [
      accountId,
    ]);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private connect(): void {
    if (this.isClosed) return;
    clearTimeout(this.retry);
    const { databaseUrl, onNotice, onError } = this.options;
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    this.client = client;
    client.on("notification", ({ payload }) => payload !== undefined && onNotice(payload));
    client.on("error", onError);
    client.on("end", () => this.reconnect(client));
    client.connect().then(
      () => {
        if (this.client !== client) return;
        this.isConnected = true;
        this.send(client, `LISTEN ${CHANNEL}`);
        for (const accountId of this.watched) this.lock(client, accountId);
      },
      (error: unknown) => {
        onError(error as Error);
        this.reconnect(client);
      },
    );
  }

  private reconnect(broken: pg.Client): void {
    if (this.client !== broken) return;
    this.client = null;
    this.isConnected = false;
    this.retry = setTimeout(() => {
      if (this.watched.size > 0) this.connect();
    }, RETRY_MS).unref();
  }

  /** Transactions that did not see the lock have ended once it is held, and what they wrote can be read. */
  private lock(client: pg.Client, accountId: string): void {
    const text = "SELECT pg_advisory_lock_shared(hashtextextended('listening for ' || $1, 0))";
    this.send(client, text, [accountId], () => this.options.onNotice(accountId));
  }

  /** Commands are carried out in their order; a connection that breaks fails them all, and the next one locks anew. */
  private send(client: pg.Client, text: string, values: string[] = [], then: () => void = () => undefined): void {
    client.query(text, values).then(then, this.options.onError);
  }
}
