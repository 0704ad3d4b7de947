import { Context } from "@temporalio/activity";
import type { AuditDifference, AuditPart } from "../src/domain/audit.ts";
import {
  type AuditedRow,
  HOLDINGS_OF_REGION,
  type Holding,
  type InfrastructureFacts,
  NO_INFRASTRUCTURE,
} from "../src/domain/audit-facts.ts";
import { RESOURCE_KINDS } from "../src/domain/resource.ts";
import type { Inventory } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";
import { accessRulesOf } from "./allowed-sources.ts";
import {
  type Comparison,
  confirm,
  type Difference,
  type InfrastructureById,
  PAGE_SIZE,
  pagesOf,
  suspect,
} from "./audit-comparison.ts";
import { holdForLost, type LostCheck, lostCheck } from "./audit-lost.ts";
import { conclude, dealWith, type Finding } from "./audit-part.ts";
import { findingOf, kindOf, type RepairContext, showAsSeen } from "./audit-repairs.ts";
import { beating } from "./beating.ts";
import type { RegionCompute } from "./region-compute.ts";

/** Where so many instances are missing, and more than half, most likely somebody has made us look in the wrong place. */
const MANY = 10;
const WRONG_PLACE =
  "more than half of the instances are missing: is it the right project, and the right server? Nothing was written or repaired";

export function auditRegionActivities(store: Store, compute: RegionCompute) {
  return {
    /** Compares the rows of a region with its infrastructure, both ways. Writes what it found, what it saw of power on the resources, and no more unless `repair` is set. */
    async auditRegion(part: AuditPart): Promise<void> {
      await beating(async () => {
        const comparison = ofRegion(store, compute, part, await lostCheck(store, part));
        const look = await suspect(store, comparison);
        const ids = [...look.suspects.keys()];
        const confirmed = (await confirm(store, comparison, ids)).filter((difference) =>
          look.suspects.get(difference.facts.id)?.has(difference.class),
        );
        const isWrongPlace = look.missing >= MANY && look.missing * 2 > look.owned;
        const context: RepairContext = { store, compute, region: part.scope, wait: waitOf() };
        const toFindings = (found: Difference[]) => found.map((one) => seenFindingOf(context, one, isWrongPlace));
        const differences: AuditDifference[] = await dealWith(
          store,
          { ...part, repair: part.repair && !isWrongPlace },
          toFindings(confirmed),
          async (subjects) => toFindings(await confirm(store, comparison, subjects)),
        );
        const found = [...look.seen.values()].filter(({ instance }) => instance !== null).length;
        const problem = isWrongPlace ? WRONG_PLACE : look.isCutShort ? "more differences than are looked into" : null;
        await conclude(store, part, { owned: look.owned, found, problem }, differences);
      });
    },
  };
}

function ofRegion(store: Store, compute: RegionCompute, part: AuditPart, isLost: LostCheck): Comparison {
  const { scope: region } = part;
  return {
    part,
    from: "region",
    look: async () => byId(await compute.driver.takeInventory(Context.current().cancellationSignal), isLost),
    wantedAccessRules: ({ id, row }) => wantedAccessRules(compute, id, row),
    concerns: ({ row }) => row === null || row.region === region,
    async *ids(seen) {
      const unmet = new Set(seen.keys());
      for (const kind of RESOURCE_KINDS) {
        let after = "";
        for (;;) {
          const ids = await store.auditFacts.livingIds(kind, region, after, PAGE_SIZE);
          for (const id of ids) unmet.delete(id);
          if (ids.length > 0) yield ids;
          if (ids.length < PAGE_SIZE) break;
          after = ids.at(-1) ?? after;
        }
      }
      yield* pagesOf(unmet);
      for (const holding of HOLDINGS_OF_REGION) yield* orphansOf(store, holding, region, unmet);
    },
  };
}

/** The holders that do not live, but for those that were met already. */
export async function* orphansOf(
  store: Store,
  holding: Holding,
  region: string | null,
  met: Set<string>,
): AsyncGenerator<string[]> {
  let after: string | null = "";
  while (after !== null) {
    const { orphans, last } = await store.auditFacts.orphans(holding, region, after, PAGE_SIZE);
    const fresh = orphans.filter((id) => !met.has(id));
    for (const id of fresh) met.add(id);
    if (fresh.length > 0) yield fresh;
    after = last;
  }
}

function byId({ instances, volumes, accessRules }: Inventory, isLost: LostCheck): InfrastructureById {
  const seen: InfrastructureById = new Map();
  const add = (id: string, facts: Partial<InfrastructureFacts>) =>
    seen.set(id, { ...(seen.get(id) ?? NO_INFRASTRUCTURE), ...facts });
  for (const { owner, status, size, ipv4, hasVolume, createdAt } of instances) {
    const { kind, accountId } = owner;
    add(owner.id, { instance: { kind, accountId, status, size, ipv4, hasVolume, isLost: isLost(createdAt) } });
  }
  for (const { owner, createdAt } of volumes) {
    add(owner.id, { volume: { accountId: owner.accountId, isLost: isLost(createdAt) } });
  }
  for (const { ownerId, text } of accessRules) add(ownerId, { accessRules: text });
  return seen;
}

function wantedAccessRules({ driver, network }: RegionCompute, id: string, row: AuditedRow | null): string | null {
  if (!row?.access || row.ipv4 === null) return null;
  const { kind, accountId, region, ipv4, access } = row;
  return driver.accessRulesText({ id, kind, accountId, region }, accessRulesOf({ ipv4, ...access }, network));
}

/** What was seen of power, and that an instance is missing, is written on the resource in any case; and what a lost one uses is given to nobody else. */
function seenFindingOf(context: RepairContext, difference: Difference, isWrongPlace: boolean): Finding {
  const { class: name, facts } = difference;
  const show = () => context.store.transaction((repositories) => showAsSeen(repositories, facts, kindOf(facts)));
  const hold = () => holdForLost(context, facts);
  return {
    ...findingOf(context, difference),
    show: name === "power_state_differs" && !isWrongPlace ? show : null,
    note: isWrongPlace ? null : name === "instance_missing" ? show : name === "instance_orphaned" ? hold : null,
  };
}

/** Another attempt begins anew, so that no operation has to be found again. */
function waitOf(): RepairContext["wait"] {
  const context = Context.current();
  return { heartbeat: () => context.heartbeat(), signal: context.cancellationSignal };
}
