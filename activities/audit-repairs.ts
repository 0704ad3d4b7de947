import { instanceSize, type ResourceAuditClass, resourceClass, shownPower } from "../src/domain/audit-classes.ts";
import type { AuditedRow, ResourceFacts } from "../src/domain/audit-facts.ts";
import { capacityShare } from "../src/domain/capacity-share.ts";
import { ERROR_CODES, type ErrorCode, publicMessage } from "../src/domain/error-codes.ts";
import { newId } from "../src/domain/ids.ts";
import { quotaShare } from "../src/domain/quotas.ts";
import { RESOURCE_KINDS, type ResourceError, type ResourceKind } from "../src/domain/resource.ts";
import type { Owner, WaitContext } from "../src/drivers/compute.ts";
import type { Repositories, Store } from "../src/store/store.ts";
import { accessRulesOf } from "./allowed-sources.ts";
import type { Difference } from "./audit-comparison.ts";
import { auditedRepair } from "./audit-log.ts";
import { ChangedMeanwhile, type Finding, type Repairer } from "./audit-part.ts";
import type { RegionCompute } from "./region-compute.ts";

/** A guest that should not run gets this to end in order: the row is locked meanwhile. */
const SHUTDOWN_GRACE_MS = 5_000;

/** What a repair works with. `compute`: null where rows alone are compared. */
export interface RepairContext {
  store: Store;
  compute: RegionCompute | null;
  region: string | null;
  wait: WaitContext;
}

interface Repair {
  facts: ResourceFacts;
  kind: ResourceKind;
  repositories: Repositories;
  by: Repairer;
  context: RepairContext;
}

/** With the row locked, so that no action begins meanwhile. Each accepts that there is nothing left to do. */
const REPAIRS: Record<ResourceAuditClass, (repair: Repair) => Promise<void>> = {
  async resource_without_action({ facts, kind, repositories, by }) {
    const { resources, actions, quotas } = repositories;
    const row = rowOf(facts);
    if (row.status === "provisioning") {
      await resources[kind].changeStatus(facts.id, row.actionId, "failed", failure("internal_error", row.actionId));
      return quotas.release(facts.id);
    }
    // The sweep starts its workflow.
    const { accountId, region } = row;
    const { requestId } = by;
    const image = (await resources[kind].state(facts.id))?.image ?? null;
    const target = { accountId, region, image, resourceKind: kind, resourceId: facts.id };
    const action = await actions.insert({ id: newId("action"), type: "delete", requestId, ...target });
    await resources[kind].takeOver(facts.id, action.id, "deleting");
  },

  async instance_missing({ facts, kind, repositories, context }) {
    const { resources, ipAddresses, capacity, quotas } = repositories;
    const { actionId } = rowOf(facts);
    // Whoever gets the address must not be shut off by rules that were this one's.
    await computeOf(context).driver.removeAccessRules(ownerOf(facts, kind, context), context.wait);
    await resources[kind].markLost(facts.id, actionId, failure("instance_missing", actionId));
    await ipAddresses.release(facts.id);
    await capacity.release(facts.id);
    await quotas.release(facts.id);
  },

  async power_state_differs({ facts, kind, repositories }) {
    await showAsSeen(repositories, facts, kind);
  },

  async suspended_but_running({ facts, kind, repositories, context }) {
    const { actionId } = rowOf(facts);
    await computeOf(context).driver.stopInstance(ownerOf(facts, kind, context), SHUTDOWN_GRACE_MS, context.wait);
    await repositories.resources[kind].setPowerState(facts.id, actionId, "stopped");
  },

  async database_stopped({ facts, kind, repositories, context }) {
    const { actionId } = rowOf(facts);
    await computeOf(context).driver.startInstance(ownerOf(facts, kind, context), context.wait);
    await repositories.resources[kind].setPowerState(facts.id, actionId, "running");
  },

  async limits_differ({ facts, kind, context }) {
    const owner = ownerOf(facts, kind, context);
    await computeOf(context).driver.resizeInstance(owner, instanceSize(rowOf(facts)), context.wait);
  },

  instance_address_differs: byHand,
  volume_missing: byHand,
  credentials_missing: byHand,
  certificate_missing: byHand,

  access_rules_missing: setAccessRules,
  access_rules_differ: setAccessRules,

  instance_orphaned: deleteInstance,
  instance_of_failed: deleteInstance,

  volume_orphaned: deleteVolume,
  volume_of_failed: deleteVolume,

  async access_rules_orphaned({ facts, kind, context }) {
    await computeOf(context).driver.removeAccessRules(ownerOf(facts, kind, context), context.wait);
  },

  async address_orphaned({ facts, kind, repositories }) {
    await repositories.ipAddresses.release(facts.id);
    await repositories.resources[kind].setIpv4(facts.id, null);
  },

  async address_missing({ facts, repositories }) {
    const { region, ipv4 } = rowOf(facts);
    if (ipv4 === null) throw new ChangedMeanwhile();
    if (await repositories.ipAddresses.reclaim(facts.id, region, ipv4)) return;
    throw new Error(`${ipv4} is held by another one, or is not in the pool: stop one of the two, and look at both`);
  },

  async capacity_orphaned({ facts, repositories }) {
    await repositories.capacity.release(facts.id);
  },

  async capacity_differs({ facts, kind, repositories }) {
    const { region, size } = rowOf(facts);
    await repositories.capacity.release(facts.id);
    const holder = { resourceId: facts.id, region, actionId: null };
    await repositories.capacity.record(holder, capacityShare(kind, size));
  },

  async quota_hold_orphaned({ facts, repositories }) {
    await repositories.quotas.release(facts.id);
  },

  async quota_hold_differs({ facts, kind, repositories }) {
    const { accountId, size } = rowOf(facts);
    await repositories.quotas.restore(facts.id, accountId, quotaShare(kind, size));
  },

  async credentials_orphaned({ facts, repositories }) {
    await repositories.credentials.delete(facts.id);
  },

  async certificate_orphaned({ facts, repositories }) {
    await repositories.certificates.delete(facts.id);
  },

  async ssh_keys_orphaned({ facts, repositories }) {
    await repositories.sshKeys.detach(facts.id);
  },
};

/** A difference of a resource, as an audit deals with it; it is written nowhere but in the audit. */
export function findingOf(context: RepairContext, difference: Difference): Finding {
  const { class: name, detail, facts } = difference;
  const { holdMs, refuse } = resourceClass(name);
  return {
    class: name,
    region: context.region,
    subject: facts.id,
    accountId: accountOf(facts),
    detail,
    holdMs,
    refusal: refuse?.(facts) ?? null,
    show: null,
    note: null,
    repair: (by) => repairResource(context, difference, by),
  };
}

/** Repairs one difference of a resource and notes it, if the resource is still what it was found to be and no action works on it. */
async function repairResource(
  context: RepairContext,
  { facts, class: name, detail }: Difference,
  by: Repairer,
): Promise<void> {
  const kind = kindOf(facts);
  await context.store.transaction(async (repositories) => {
    await lockUnchanged(repositories, facts);
    await REPAIRS[name]({ facts, kind, repositories, by, context });
    await auditedRepair(repositories, by, {
      accountId: accountOf(facts),
      resourceKind: kind,
      resourceId: facts.id,
      class: name,
      detail,
    });
  });
}

/** Writes on the resource what was seen of its instance, unless an action has it by now. Says whether that changed anything. */
export async function showAsSeen(repositories: Repositories, facts: ResourceFacts, kind: ResourceKind): Promise<void> {
  const row = rowOf(facts);
  const power = shownPower(facts);
  if (power === null) return;
  const kept = row.error?.code === "instance_missing" ? null : row.error;
  const error = facts.instance ? kept : failure("instance_missing", row.actionId);
  await repositories.resources[kind].show(facts.id, row.actionId, { power, error });
}

export function kindOf({ id, row, instance }: ResourceFacts): ResourceKind {
  return row?.kind ?? instance?.kind ?? (id.startsWith("db_") ? "database" : "server");
}

function accountOf({ row, instance, volume, hold }: ResourceFacts): string | null {
  return row?.accountId ?? instance?.accountId ?? volume?.accountId ?? hold?.accountId ?? null;
}

async function deleteInstance({ facts, kind, context }: Repair): Promise<void> {
  await computeOf(context).driver.deleteInstance(ownerOf(facts, kind, context), context.wait);
}

async function deleteVolume({ facts, context }: Repair): Promise<void> {
  await computeOf(context).driver.deleteVolume(ownerOf(facts, "database", context), context.wait);
}

async function setAccessRules({ facts, kind, repositories, context }: Repair): Promise<void> {
  const { driver, network } = computeOf(context);
  const { ipv4 } = rowOf(facts);
  const database = await repositories.databases.build(facts.id);
  if (!database || ipv4 === null) throw new ChangedMeanwhile();
  const rules = accessRulesOf({ ...database, ipv4 }, network);
  await driver.setAccessRules(ownerOf(facts, kind, context), rules, context.wait);
}

function byHand(): Promise<never> {
  return Promise.reject(new Error("BUG: this class refuses repairs"));
}

async function lockUnchanged({ resources, actions }: Repositories, { id, row }: ResourceFacts): Promise<void> {
  for (const kind of RESOURCE_KINDS) {
    const now = await resources[kind].lock(id);
    const was = row?.kind === kind ? row : null;
    if (now?.actionId !== was?.actionId || now?.status !== was?.status) throw new ChangedMeanwhile();
  }
  const running = (await actions.findRunningChange(id)) ?? (await actions.findRunning(id, "delete"));
  if (running) throw new ChangedMeanwhile();
}

function rowOf({ row }: ResourceFacts): AuditedRow {
  if (!row) throw new Error("BUG: this repair is of what has a row");
  return row;
}

function computeOf({ compute }: RepairContext): RegionCompute {
  if (!compute) throw new Error("BUG: this repair takes a region");
  return compute;
}

function ownerOf(facts: ResourceFacts, kind: ResourceKind, { region }: RepairContext): Owner {
  return { id: facts.id, kind, accountId: accountOf(facts) ?? "", region: region ?? "" };
}

function failure(code: ErrorCode, actionId: string): ResourceError {
  return {
    code,
    message: publicMessage(code),
    step: null,
    action_id: actionId,
    retryable: ERROR_CODES[code].retryable,
  };
}
