import type { AuditPart } from "../src/domain/audit.ts";
import { differencesOf, isThere, type ResourceAuditClass } from "../src/domain/audit-classes.ts";
import {
  type InfrastructureFacts,
  isSettled,
  NO_INFRASTRUCTURE,
  type ResourceFacts,
  type RowFacts,
} from "../src/domain/audit-facts.ts";
import type { Store } from "../src/store/store.ts";

/** Ids that are read at once. */
export const PAGE_SIZE = 500;
/** More differences than that in one part are no leftovers: they are reported as far as this. */
const SUSPECTS_MAX = 10_000;

export type InfrastructureById = Map<string, InfrastructureFacts>;

/** Of what the comparison is made. */
export interface Comparison {
  part: AuditPart;
  from: "region" | "rows";
  /** What infrastructure says now; of the rows alone: nothing. */
  look(): Promise<InfrastructureById>;
  /** Every id that may differ, in pages. */
  ids(seen: InfrastructureById): AsyncIterable<string[]>;
  /** The access rules that a row asks for, as `look` would tell them; null: none. */
  wantedAccessRules(facts: RowFacts): string | null;
  /** Whether the row is this part's. */
  concerns(facts: RowFacts): boolean;
}

export interface Difference {
  class: ResourceAuditClass;
  detail: string;
  facts: ResourceFacts;
}

/** What one look found, not yet confirmed. */
export interface Suspicion {
  /** Classes by id. */
  suspects: Map<string, ReadonlySet<ResourceAuditClass>>;
  /** Rows that should have an instance, and those of them that have none. */
  owned: number;
  missing: number;
  rows: number;
  isCutShort: boolean;
}

/** First look: infrastructure, then the rows page by page. What differs is a suspicion: what began or ended meanwhile looks the same. */
export async function suspect(store: Store, comparison: Comparison): Promise<Suspicion & { seen: InfrastructureById }> {
  const seen = await comparison.look();
  const found = {
    suspects: new Map<string, ReadonlySet<ResourceAuditClass>>(),
    owned: 0,
    missing: 0,
    rows: 0,
    isCutShort: false,
  };
  for await (const ids of comparison.ids(seen)) {
    for (const row of await store.auditFacts.of(ids)) {
      if (!comparison.concerns(row)) continue;
      const facts = join(comparison, row, seen);
      found.rows += 1;
      if (isThere(row.row)) found.owned += 1;
      if (isThere(row.row) && !facts.instance && !row.isBusy) found.missing += 1;
      const classes = wanted(comparison, facts).map((difference) => difference.class);
      if (row.isBusy || classes.length === 0) continue;
      if (found.suspects.size < SUSPECTS_MAX) found.suspects.set(row.id, new Set(classes));
      else found.isCutShort = true;
    }
  }
  return { ...found, seen };
}

/** Second look, at the suspects alone: rows, infrastructure, rows again. Only of what stayed the same, with nothing under way, a difference is one. */
export async function confirm(store: Store, comparison: Comparison, suspects: string[]): Promise<Difference[]> {
  if (suspects.length === 0) return [];
  const before = await inPages(suspects, (ids) => store.auditFacts.of(ids));
  const seen = await comparison.look();
  const after = new Map((await inPages(suspects, (ids) => store.auditFacts.of(ids))).map((row) => [row.id, row]));
  return before.flatMap((row) => {
    const now = after.get(row.id);
    if (!now || !isSettled(row, now) || !comparison.concerns(now)) return [];
    const facts = join(comparison, now, seen);
    return wanted(comparison, facts).map((difference) => ({ ...difference, facts }));
  });
}

function wanted({ part, from }: Comparison, facts: ResourceFacts): { class: ResourceAuditClass; detail: string }[] {
  return differencesOf(facts, from).filter(({ class: name }) => part.classes.includes(name));
}

function join(comparison: Comparison, row: RowFacts, seen: InfrastructureById): ResourceFacts {
  return { ...row, ...(seen.get(row.id) ?? NO_INFRASTRUCTURE), wantedAccessRules: comparison.wantedAccessRules(row) };
}

async function inPages<T>(ids: string[], read: (page: string[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = [];
  for (const page of pagesOf(ids)) found.push(...(await read(page)));
  return found;
}

/** In pages, as they are asked for. */
export function* pagesOf(ids: Iterable<string>): Generator<string[]> {
  let page: string[] = [];
  for (const id of ids) {
    page.push(id);
    if (page.length < PAGE_SIZE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
