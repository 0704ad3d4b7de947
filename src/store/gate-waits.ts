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

  /**
   * Those that waited longest for the hold, of each region so many that with them `atWork` of its actions do not wait, and at least one: a region that is full of what does not get on keeps nobody
   * waiting for ever.
   */
  async listNext(holdId: string, atWork: number): Promise<string[]> {
    const rows = await this.db.$queryRaw<{ actionId: string }[]>`
      WITH waiting AS (
        SELECT w.action_id, a.region, row_number() OVER (PARTITION BY a.region ORDER BY w.since, w.action_id) AS place
        FROM gate_waits w LEFT JOIN actions a ON a.id = w.action_id WHERE w.hold_id = ${holdId}
      ), working AS (
        SELECT region, count(*)::int AS count FROM actions
        WHERE status = 'running' AND NOT EXISTS (SELECT 1 FROM gate_waits w WHERE w.action_id = actions.id) GROUP BY region
      )
      SELECT action_id AS "actionId" FROM waiting LEFT JOIN working USING (region)
      WHERE place <= greatest(${atWork}::int - coalesce(count, 0), 1) ORDER BY place`;
    return rows.map(({ actionId }) => actionId);
  }

  /** Their workflows were told. What has gone on to another gate meanwhile waits there. */
  async remove(holdId: string, actionIds: string[]): Promise<void> {
    await this.db.$executeRaw`DELETE FROM gate_waits WHERE hold_id = ${holdId} AND action_id = ANY(${actionIds})`;
  }

  /** How many running actions holds keep waiting, by region and step. */
  async countHeld(): Promise<{ region: string; step: string; count: number }[]> {
    return this.db.$queryRaw`
      SELECT a.region, w.step, count(*)::int AS count FROM gate_waits w JOIN actions a ON a.id = w.action_id JOIN holds h ON h.id = w.hold_id
      WHERE a.status = 'running' AND h.released_at IS NULL GROUP BY a.region, w.step`;
  }

  /** How many running actions each of these holds keeps waiting; those without are not in it. */
  async count(holdIds: string[]): Promise<Map<string, number>> {
    const rows = await this.db.$queryRaw<{ holdId: string; count: number }[]>`
      SELECT w.hold_id AS "holdId", count(*)::int FROM gate_waits w JOIN actions a ON a.id = w.action_id
      WHERE w.hold_id = ANY(${holdIds}) AND a.status = 'running' GROUP BY w.hold_id`;
    return new Map(rows.map(({ holdId, count }) => [holdId, count]));
  }
}
