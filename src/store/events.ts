import type pg from "pg";
import type { AccountEvent, EventPosition, EventResource, EventSubject, EventType } from "../domain/event.ts";

interface EventRow {
  /** As `pg` gives what may be larger than a number. */
  id: string;
  type: EventType;
  resourceType: EventResource;
  resourceId: string;
  actionId: string | null;
  data: Record<string, unknown>;
  createdAt: Date;
}

/** Fields of `data` that are times, which JSON has as text. */
const TIMES = ["createdAt", "updatedAt", "endedAt", "expiresAt"];

/** The outbox. It is written by triggers alone (the migration `events`), in an order that can be read by numbers: whoever sees one has seen all before it. */
export class EventLog {
  private readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /** What happened after this, oldest first. */
  async after(accountId: string, id: bigint, limit: number): Promise<AccountEvent[]> {
    const text = `SELECT id, type, resource_type AS "resourceType", resource_id AS "resourceId", action_id AS "actionId", data, created_at AS "createdAt"
      FROM events WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3`;
    const { rows } = await this.pool.query<EventRow>({ name: "events-after", text, values: [accountId, id, limit] });
    return rows.map((row) => fromRow(accountId, row));
  }

  /** Whether this event of the account is still there, and with it all that followed. */
  async has(accountId: string, { id, at }: EventPosition): Promise<boolean> {
    const text = "SELECT 1 FROM events WHERE account_id = $1 AND id = $2 AND created_at = $3";
    const { rows } = await this.pool.query({ name: "event-is-there", text, values: [accountId, id, at] });
    return rows.length > 0;
  }

  /** The account's latest; null: there is none, or none any more. */
  async latest(accountId: string): Promise<EventPosition | null> {
    const text = `SELECT id, created_at AS "createdAt" FROM events WHERE account_id = $1 ORDER BY id DESC LIMIT 1`;
    const { rows } = await this.pool.query<EventRow>({ name: "event-latest", text, values: [accountId] });
    return rows[0] ? { id: BigInt(rows[0].id), at: rows[0].createdAt } : null;
  }

  /** The number of the latest event, of those accounts that have one. */
  async latestOf(accountIds: string[]): Promise<Map<string, bigint>> {
    const text = `SELECT account.id AS "accountId", latest.id FROM unnest($1::text[]) AS account(id)
      CROSS JOIN LATERAL (SELECT id FROM events WHERE account_id = account.id ORDER BY id DESC LIMIT 1) AS latest`;
    const statement = { name: "events-latest-of", text, values: [accountIds] };
    const { rows } = await this.pool.query<{ accountId: string; id: string }>(statement);
    return new Map(rows.map(({ accountId, id }) => [accountId, BigInt(id)]));
  }

  /** Removes the oldest of those before `time`, `limit` at most; answers how many. */
  async deleteBefore(time: Date, limit: number): Promise<number> {
    // By where they lie: rows of this table are never updated, so they stay there. Joined by their key, so many as a limit could be are read from end to end.
    const text =
      "DELETE FROM events WHERE ctid = ANY(ARRAY(SELECT ctid FROM events WHERE created_at < $1 ORDER BY created_at LIMIT $2))";
    return (await this.pool.query({ name: "events-delete-before", text, values: [time, limit] })).rowCount ?? 0;
  }
}

function fromRow(accountId: string, { id, createdAt, data, ...row }: EventRow): AccountEvent {
  const kind = row.type.startsWith("action.") ? "action" : row.resourceType;
  const facts = Object.entries(data).map(([name, value]) => [
    name,
    TIMES.includes(name) && typeof value === "string" ? new Date(value) : value,
  ]);
  // What the triggers write is what the type says, which the compiler can't see.
  const subject = { kind, of: { accountId, ...(Object.fromEntries(facts) as object) } } as unknown as EventSubject;
  return { ...row, position: { id: BigInt(id), at: createdAt }, subject };
}
