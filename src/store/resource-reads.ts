import type pg from "pg";
import type { ResourceKind } from "../domain/resource.ts";
import { JoinedReads } from "./joined-reads.ts";
import { SharedReads } from "./shared-reads.ts";

/** A place in a list that is ordered newest first: what follows is older. */
export interface ListPosition {
  createdAt: Date;
  id: string;
}

export type ListStart = { offset: number } | { after: ListPosition };

export interface ResourceList<T> {
  items: T[];
  /** Of the whole list, not of this page. */
  total: number;
}

/** The filters whose totals are counted beforehand, alone and together (resource_counts). With any other, the account's rows are counted. */
const COUNTED = ["status", "region"] as const;

/** What a list can be narrowed to; null: anything. */
export type ListFilter<Column extends string> = Record<Column, string | null> & {
  label: { key: string; value: string } | null;
};

interface ReadsOptions<Column extends string> {
  table: "servers" | "databases";
  kind: ResourceKind;
  /** The select list, under the names of the resource's fields. */
  columns: string;
  /** The columns a list can be filtered by. */
  filters: readonly Column[];
}

interface Conditions {
  text: string;
  values: unknown[];
  shape: string;
  total: string;
}

interface Timestamps {
  createdAt: Date;
  updatedAt: Date;
}

interface Readable extends Timestamps {
  id: string;
  accountId: string;
}

/** An item as JSON has it. */
type Written<T extends Timestamps> = Omit<T, keyof Timestamps> & Record<keyof Timestamps, string>;

/** The hot reads of a table of resources, as prepared statements on `pg`: two to three times the throughput of the same through Prisma (docs/performance.md). */
export class ResourceReads<T extends Readable, Column extends string> {
  private readonly pool: pg.Pool;
  private readonly options: ReadsOptions<Column>;
  private readonly byId: SharedReads<T>;
  private readonly lists = new JoinedReads<ResourceList<T>>();

  constructor(pool: pg.Pool, options: ReadsOptions<Column>) {
    this.pool = pool;
    this.options = options;
    const { table, columns } = options;
    this.byId = new SharedReads(async (ids) => {
      const text = `SELECT ${columns} FROM ${table} WHERE id = ANY($1) AND deleted_at IS NULL`;
      return (await pool.query<T>({ name: `${table}-by-id`, text, values: [ids] })).rows;
    });
  }

  async find(id: string, accountId: string): Promise<T | null> {
    const found = await this.byId.find(id);
    return found?.accountId === accountId ? found : null;
  }

  /**
   * One item more than `limit` tells the caller that there is a next page. The total comes along, of the same moment as the rows: a statement of its own would cost as much as the list. The rows
   * come as one JSON value, which takes half the time to read that as many columns do.
   */
  async list(accountId: string, filter: ListFilter<Column>, start: ListStart, limit: number): Promise<ResourceList<T>> {
    const { table, columns } = this.options;
    const { text, values, shape, total } = this.conditions(accountId, filter);
    const isCursor = "after" in start;
    if (isCursor) values.push(start.after.createdAt, start.after.id);
    const after = isCursor ? `AND (created_at, id) < ($${values.length - 1}::timestamptz, $${values.length})` : "";
    values.push(limit);
    const limitParameter = `$${values.length}`;
    values.push(isCursor ? 0 : start.offset);
    const name = `${table}-${shape}${isCursor ? "-after" : ""}`;
    const statement = {
      name,
      text: `SELECT (${total}) AS total,
        (SELECT coalesce(json_agg(item), '[]') FROM (
          SELECT ${columns} FROM ${table} WHERE ${text} ${after}
          ORDER BY created_at DESC, id DESC LIMIT ${limitParameter} OFFSET $${values.length}) AS item) AS items`,
      values,
    };
    return this.lists.find(JSON.stringify([name, values]), async () => {
      const [page] = (await this.pool.query<{ total: number; items: Written<T>[] }>(statement)).rows;
      return { items: (page?.items ?? []).map(fromJson<T>), total: page?.total ?? 0 };
    });
  }

  /** `shape` names the filters that are set: the name of the prepared statement. `total` selects how many rows meet them all. */
  private conditions(accountId: string, filter: ListFilter<Column>): Conditions {
    const { table, kind, filters } = this.options;
    const values: unknown[] = [accountId];
    const parts: string[] = [];
    const set: string[] = [];
    for (const column of filters) {
      if (filter[column] === null) continue;
      values.push(filter[column]);
      parts.push(`AND ${column} = $${values.length}`);
      set.push(column);
    }
    if (filter.label) {
      values.push(JSON.stringify({ [filter.label.key]: filter.label.value }));
      parts.push(`AND labels @> $${values.length}::jsonb`);
      set.push("label");
    }
    const text = `account_id = $1 AND deleted_at IS NULL ${parts.join(" ")}`;
    const isCounted = set.every((name) => (COUNTED as readonly string[]).includes(name));
    const total = isCounted
      ? `SELECT coalesce(sum(change), 0)::int FROM resource_counts WHERE account_id = $1 AND kind = '${kind}' ${parts.join(" ")}`
      : `SELECT count(*)::int FROM ${table} WHERE ${text}`;
    return { text, values, shape: ["list", ...set].join("-"), total };
  }
}

/** The compiler can't see that the rest of an item is the same in JSON. */
function fromJson<T extends Timestamps>(item: Written<T>): T {
  return { ...item, createdAt: new Date(item.createdAt), updatedAt: new Date(item.updatedAt) } as unknown as T;
}
