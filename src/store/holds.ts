import type { HeldPart, Hold, HoldSeen, RegionStep } from "../domain/hold.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Db } from "./connection.ts";
import type { GateWaitRepository } from "./gate-waits.ts";
import { type Hold as HoldRow, Prisma } from "./generated/client.ts";
import { countOfLog, type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";

export interface NewHold extends HeldPart {
  id: string;
  reason: string;
  accountId: string;
  apiKeyId: string;
}

/** More are not in force at a time. */
const HOLDS_AT_ONCE = 1_000;

/** What operators hold. */
export class HoldRepository {
  private readonly db: Db;
  private readonly waits: GateWaitRepository;

  constructor(db: Db, waits: GateWaitRepository) {
    this.db = db;
    this.waits = waits;
  }

  async insert({ resourceKind, ...hold }: NewHold): Promise<Hold> {
    return holdFromRow(await this.db.hold.create({ data: { ...hold, resourceType: resourceKind } }));
  }

  async find(id: string): Promise<HoldSeen | null> {
    const row = await this.db.hold.findUnique({ where: { id } });
    return row && ((await this.withWaiting([row]))[0] ?? null);
  }

  async list({ isInForce }: { isInForce: boolean }, start: ListStart, limit: number): Promise<ListPage<HoldSeen>> {
    const where = isInForce ? { releasedAt: null } : {};
    const [rows, total] = await Promise.all([
      this.db.hold.findMany(newestFirst(where, start, limit)),
      isInForce ? this.db.hold.count({ where }) : countOfLog(this.db, "holds"),
    ]);
    return listPage(await this.withWaiting(rows), limit, total);
  }

  async inForce(): Promise<Hold[]> {
    const rows = await this.db.hold.findMany({
      where: { releasedAt: null },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: HOLDS_AT_ONCE,
    });
    return rows.map(holdFromRow);
  }

  /** False if it is released already. From here on nothing more waits for it. */
  async release(id: string): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE holds SET released_at = clock_timestamp() WHERE id = ${id} AND released_at IS NULL`;
    return changed > 0;
  }

  /** Released, and not everything that waited was told. */
  async listToOpen(limit: number): Promise<string[]> {
    const rows = await this.db.$queryRaw<{ id: string }[]>(
      Prisma.sql`SELECT id FROM holds WHERE released_at IS NOT NULL AND opened_at IS NULL ORDER BY id LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
  }

  async markOpened(id: string): Promise<void> {
    await this.db.$executeRaw`UPDATE holds SET opened_at = now() WHERE id = ${id} AND opened_at IS NULL`;
  }

  private async withWaiting(rows: HoldRow[]): Promise<HoldSeen[]> {
    const inForce = rows.filter(({ releasedAt }) => releasedAt === null).map(({ id }) => id);
    const waiting = inForce.length === 0 ? new Map<string, number>() : await this.waits.count(inForce);
    return rows.map((row) => ({ ...holdFromRow(row), waiting: waiting.get(row.id) ?? 0 }));
  }
}

function holdFromRow(row: HoldRow): Hold {
  const { id, region, host, reason, apiKeyId, createdAt, releasedAt } = row;
  const step = row.step as RegionStep | null;
  const resourceKind = row.resourceType as ResourceKind | null;
  return { id, region, host, step, resourceKind, reason, apiKeyId, createdAt, releasedAt };
}
