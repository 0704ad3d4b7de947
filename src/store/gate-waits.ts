import type { GateWait } from "../domain/operator-action.ts";
import type { Db } from "./connection.ts";

/** Actions that wait before a step which is held. */
export class GateWaitRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /**
   * Notes that the action waits; false if the hold is not in force any more, and there is nothing to wait for. Run in a transaction: a release waits for its end, or
   * comes before, so whatever is noted is told of the release.
   */
  async add({ actionId, holdId, step }: { actionId: string; holdId: string; step: string }): Promise<boolean> {
    const held = await this.db.$queryRaw<unknown[]>`
      SELECT 1 FROM holds WHERE id = ${holdId} AND released_at IS NULL FOR SHARE`;
    if (held.length === 0) return false;
    await this.db.$executeRaw`
      INSERT INTO gate_waits (action_id, hold_id, step) VALUES (${actionId}, ${holdId}, ${step})
      ON CONFLICT (action_id) DO UPDATE SET hold_id = excluded.hold_id, step = excluded.step,
        since = CASE WHEN gate_waits.step = excluded.step THEN gate_waits.since ELSE excluded.since END`;
    return true;
  }

  /** The waits of these actions, by their ids. */
  async of(actionIds: string[]): Promise<Map<string, GateWait>> {
    const rows = await this.db.$queryRaw<(GateWait & { actionId: string })[]>`
      SELECT w.action_id AS "actionId", w.hold_id AS "holdId", w.step, w.since, h.reason
      FROM gate_waits w JOIN holds h ON h.id = w.hold_id WHERE w.action_id = ANY(${actionIds}) AND h.released_at IS NULL`;
    return new Map(rows.map(({ actionId, ...wait }) => [actionId, wait]));
  }

  /** So many that a hold keeps waiting. */
  async listOf(holdId: string, limit: number): Promise<string[]> {
    const rows = await this.db.$queryRaw<{ actionId: string }[]>`
      SELECT action_id AS "actionId" FROM gate_waits WHERE hold_id = ${holdId} ORDER BY action_id LIMIT ${limit}`;
    return rows.map(({ actionId }) => actionId);
  }

  /** Their workflows were told. What has gone on to another gate meanwhile waits there. */
  async remove(holdId: string, actionIds: string[]): Promise<void> {
    await this.db.$executeRaw`DELETE FROM gate_waits WHERE hold_id = ${holdId} AND action_id = ANY(${actionIds})`;
  }

  /** How many running actions each of these holds keeps waiting; those without are not in it. */
  async count(holdIds: string[]): Promise<Map<string, number>> {
    const rows = await this.db.$queryRaw<{ holdId: string; count: number }[]>`
      SELECT w.hold_id AS "holdId", count(*)::int FROM gate_waits w JOIN actions a ON a.id = w.action_id
      WHERE w.hold_id = ANY(${holdIds}) AND a.status = 'running' GROUP BY w.hold_id`;
    return new Map(rows.map(({ holdId, count }) => [holdId, count]));
  }
}
