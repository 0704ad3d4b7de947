import type { AuditedRow, AuditedSize, ResourceFacts } from "./audit-facts.ts";
import { capacityShare } from "./capacity-share.ts";
import { ENGINE_ROOT_DISK_GIB } from "./database.ts";
import type { PowerState } from "./statuses.ts";

const HOUR_MS = 60 * 60 * 1000;
/** What carries our tags and has no row may be all that is left of rows that were lost. */
const LEFTOVER_HOLD_MS = HOUR_MS;
/** The data of customers. */
const VOLUME_HOLD_MS = 7 * 24 * HOUR_MS;

/** A way in which rows, workflows and infrastructure can differ about a server or database. */
interface ResourceClass {
  /** For operators. */
  meaning: string;
  repair: string;
  /** `region`: it takes a look at infrastructure. `rows`: of what has no row, rows alone tell, in no region. */
  from: "region" | "rows";
  /** How long it has to have been seen without a break before it is repaired. */
  holdMs: number;
  /** Says what differs; null: nothing. Asked only of what no action is working on. */
  find: (facts: ResourceFacts) => string | null;
  /** Why it must not be repaired by a program; null: it may. */
  refuse?: (facts: ResourceFacts) => string | null;
}

/** In the order in which they are repaired. */
export const RESOURCE_CLASSES = {
  resource_without_action: {
    meaning: "it is `provisioning` or `deleting`, and no action is working on that",
    repair: "a create ends as `failed`; a delete is begun once more",
    from: "region",
    holdMs: 0,
    find: ({ row }) =>
      row?.status === "provisioning" || row?.status === "deleting"
        ? `it is ${row.status}, and its action ${row.actionId} has ended`
        : null,
  },
  instance_missing: {
    meaning: "its instance was removed behind our back",
    repair: "it becomes `failed`, and gives back its address, capacity and quota; a database's volume stays",
    from: "region",
    holdMs: 0,
    find: ({ row, instance }) => (isThere(row) && !instance ? `it is ${row.status}, and has no instance` : null),
  },
  power_state_differs: {
    meaning: "it is on or off, and its row says otherwise: it was switched behind our back, or in the guest",
    repair: "every audit writes down how it is",
    from: "region",
    holdMs: 0,
    find: (facts) => {
      const { row, instance } = facts;
      const power = shownPower(facts);
      if (!isThere(row) || !instance || power === null) return null;
      if (power !== row.powerState) return `its instance is ${power}, its row says ${row.powerState}`;
      return row.error?.code === "instance_missing"
        ? "its instance is back, and its row says that it is missing"
        : null;
    },
  },
  suspended_but_running: {
    meaning: "it is `suspended`, and its instance was switched on behind our back",
    repair: "its instance is shut down",
    from: "region",
    holdMs: 0,
    find: ({ row, instance }) =>
      row?.status === "suspended" && instance?.status === "running" ? "it is suspended, and its instance runs" : null,
  },
  database_stopped: {
    meaning: "a database is `active`, and its instance was switched off behind our back",
    repair: "its instance is started",
    from: "region",
    holdMs: 0,
    find: ({ row, instance }) =>
      row?.kind === "database" && row.status === "active" && instance?.status === "stopped"
        ? "it is active, and its instance is stopped"
        : null,
  },
  limits_differ: {
    meaning: "its instance has other limits than its plan",
    repair: "the plan's limits are set again",
    from: "region",
    holdMs: 0,
    find: ({ row, instance }) => {
      if (!isThere(row) || !instance) return null;
      const wanted = instanceSize(row);
      return isSameSize(instance.size, wanted)
        ? null
        : `its instance has ${sizeText(instance.size)}, its plan ${sizeText(wanted)}`;
    },
  },
  instance_address_differs: {
    meaning:
      "its instance has another address than its row: its holder is told an address that does not answer, and the other one may be given to somebody else",
    repair: "by hand: what runs in the guest knows its address",
    from: "region",
    holdMs: 0,
    find: ({ row, instance }) =>
      isThere(row) && instance && instance.ipv4 !== row.ipv4
        ? `its instance has ${instance.ipv4 ?? "no address"}, its row says ${row.ipv4 ?? "none"}`
        : null,
    refuse: () => "a guest that is given another address is out of reach until it is told: do it by hand",
  },
  volume_missing: {
    meaning: "a database is there without its data volume, or its instance is not given it",
    repair: "by hand: nothing can make its data again",
    from: "region",
    holdMs: 0,
    find: ({ row, instance, volume }) => {
      if (!isThere(row) || row.kind !== "database") return null;
      if (!volume) return `it is ${row.status}, and has no data volume`;
      return instance && !instance.hasVolume ? "its instance is not given its data volume" : null;
    },
    refuse: () => "an empty volume, or one under a running engine, would only hide that the data is gone: look at it",
  },
  credentials_missing: {
    meaning: "a database is there, and its login was lost from our rows: nobody is told it",
    repair: "by hand: the password is in no other place",
    from: "region",
    holdMs: 0,
    find: ({ row, hasCredentials }) =>
      isThere(row) && row.kind === "database" && !hasCredentials ? `it is ${row.status}, and has no login` : null,
    refuse: () => "a login that the engine does not know would be shown: bring its row back",
  },
  certificate_missing: {
    meaning: "a database is there, and its certificate was lost from our rows: nobody is told what to trust",
    repair: "by hand: its guest has another one than a new one would be",
    from: "region",
    holdMs: 0,
    find: ({ row, hasCertificate }) =>
      isThere(row) && row.kind === "database" && !hasCertificate ? `it is ${row.status}, and has no certificate` : null,
    refuse: () => "the engine would go on with the old one: bring its row back",
  },
  access_rules_missing: {
    meaning: "a database has no rules on the region's network: every source reaches its address",
    repair: "its rules are set again",
    from: "region",
    holdMs: 0,
    find: ({ row, instance, accessRules }) =>
      row?.kind === "database" && isThere(row) && instance && accessRules === null
        ? "it has no rules on the region's network"
        : null,
  },
  access_rules_differ: {
    meaning:
      "a database's rules on the region's network are not for the address, port and sources of its row, or not in force",
    repair: "its rules are set again",
    from: "region",
    holdMs: 0,
    find: ({ row, instance, accessRules, wantedAccessRules }) =>
      isThere(row) &&
      instance &&
      accessRules !== null &&
      wantedAccessRules !== null &&
      accessRules !== wantedAccessRules
        ? `its rules on the region's network are not those of ${row.ipv4 ?? "its address"} and its trusted sources`
        : null,
  },
  instance_orphaned: {
    meaning: "an instance carries our tags, and its server or database was deleted, or never was",
    repair: "the instance is deleted, an hour after it was first seen",
    from: "region",
    holdMs: LEFTOVER_HOLD_MS,
    find: ({ row, instance }) =>
      !row && instance ? `an instance, ${instance.status}, without a row${lostText(instance)}` : null,
    refuse: ({ instance }) => refuseLost(instance),
  },
  instance_of_failed: {
    meaning: "a create has failed, and its instance is there all the same",
    repair: "the instance is deleted, an hour after it was first seen",
    from: "region",
    holdMs: LEFTOVER_HOLD_MS,
    find: ({ row, instance }) =>
      row?.status === "failed" && instance ? `it has failed, and has an instance, ${instance.status}` : null,
    refuse: ({ row, instance }) =>
      row !== null && !isLeftBehind(row)
        ? "it has been in use, and this may be the instance that was missing, which is back: customers' data may be on it"
        : refuseLost(instance),
  },
  volume_orphaned: {
    meaning: "a data volume carries our tags, and its database was deleted, or never was",
    repair: "the volume is deleted, 7 days after it was first seen",
    from: "region",
    holdMs: VOLUME_HOLD_MS,
    find: ({ row, volume }) => (!row && volume ? `a data volume without a row${lostText(volume)}` : null),
    refuse: ({ instance, volume }) => (instance ? "an instance may use it: that one goes first" : refuseLost(volume)),
  },
  volume_of_failed: {
    meaning:
      "the create of a database has failed, and its data volume is there all the same; it never held anything of a customer",
    repair: "the volume is deleted, 7 days after it was first seen",
    from: "region",
    holdMs: VOLUME_HOLD_MS,
    find: ({ row, volume }) =>
      row !== null && isLeftBehind(row) && volume ? `it has failed, and has a data volume${lostText(volume)}` : null,
    refuse: ({ instance, volume }) => (instance ? "an instance may use it: that one goes first" : refuseLost(volume)),
  },
  access_rules_orphaned: {
    meaning: "the region's network has rules for a database that is gone",
    repair: "the rules are removed",
    from: "region",
    holdMs: 0,
    find: ({ row, instance, accessRules }) =>
      isGone(row) && !instance && accessRules !== null ? "rules on the region's network, of nobody" : null,
  },
  address_orphaned: {
    meaning: "an address is held by a server or database that is gone",
    repair: "the address is free again",
    from: "region",
    holdMs: 0,
    find: ({ row, instance, address }) =>
      isGone(row) && !instance && address ? `it holds ${address.address}, and is gone` : null,
  },
  address_missing: {
    meaning: "the pool does not say that its address is its own: somebody else could be given it",
    repair: "the pool's row is made its own again, unless it is another's by now",
    from: "region",
    holdMs: 0,
    find: ({ row, address }) =>
      isThere(row) && row.ipv4 !== null && address?.address !== row.ipv4
        ? `it has ${row.ipv4}, and holds ${address?.address ?? "nothing"} in the pool`
        : null,
  },
  capacity_orphaned: {
    meaning: "capacity is promised to a server or database that is gone",
    repair: "the promise is given back",
    from: "region",
    holdMs: 0,
    find: ({ row, instance, capacity }) =>
      isGone(row) && !instance && capacity ? `it holds ${sizeText(capacity)}, and is gone` : null,
  },
  capacity_differs: {
    meaning: "what is promised to it of its region is not what it has",
    repair: "the promise is made what it has",
    from: "region",
    holdMs: 0,
    find: ({ row, capacity }) => {
      if (!isThere(row)) return null;
      const share = capacityShare(row.kind, row.size);
      return isSameSize(capacity, share) ? null : `it has ${sizeText(share)}, and is promised ${sizeText(capacity)}`;
    },
  },
  quota_hold_orphaned: {
    meaning: "a server or database that is gone counts against its account's quota",
    repair: "it counts no more",
    from: "rows",
    holdMs: 0,
    find: ({ row, hold }) => (isGone(row) && hold ? "it counts against a quota, and is gone" : null),
  },
  quota_hold_differs: {
    meaning: "what it counts for against its account's quota is not what it has",
    repair: "it counts for what it has, whatever the limits are",
    from: "rows",
    holdMs: 0,
    find: ({ row, hold }) => {
      if (!isThere(row)) return null;
      const { vcpus, memoryMib } = row.size;
      if (hold?.vcpus === vcpus && hold.memoryMib === memoryMib) return null;
      return `it has ${vcpus} CPUs and ${memoryMib} MiB, and counts for ${hold ? `${hold.vcpus} and ${hold.memoryMib}` : "nothing"}`;
    },
  },
  credentials_orphaned: {
    meaning: "the login of a database that is gone, or was never made, is still there, sealed",
    repair: "it is forgotten",
    from: "rows",
    holdMs: 0,
    find: ({ row, hasCredentials }) =>
      isLeftBehind(row) && hasCredentials ? `a login without its database${failedText(row)}` : null,
  },
  certificate_orphaned: {
    meaning: "the certificate of a database that is gone, or was never made, is still there, with its sealed key",
    repair: "it is discarded",
    from: "rows",
    holdMs: 0,
    find: ({ row, hasCertificate }) =>
      isLeftBehind(row) && hasCertificate ? `a certificate without its database${failedText(row)}` : null,
  },
  ssh_keys_orphaned: {
    meaning: "SSH keys are attached to a server that is gone, or was never made",
    repair: "they are detached",
    from: "rows",
    holdMs: 0,
    find: ({ row, hasAttachedKeys }) =>
      isLeftBehind(row) && hasAttachedKeys ? `attached SSH keys without their server${failedText(row)}` : null,
  },
} as const satisfies Record<string, ResourceClass>;

/** Differences that are no resource's: actions and sums. Activities find them. */
export const OTHER_CLASSES = {
  action_not_started: {
    meaning: "an action was accepted a minute ago, and no workflow has touched it",
    repair: "its workflow is started, as the sweep does every 10 s",
  },
  workflow_missing: {
    meaning: "an action runs, and its workflow is gone or was ended by hand",
    repair: "a workflow that is gone is started anew; otherwise the action ends as failed",
  },
  quota_sum_differs: {
    meaning: "what an account has used of its quota is not the sum of what it holds",
    repair: "the sum is written",
  },
  resource_count_differs: {
    meaning: "the totals of an account's lists are not its servers and databases",
    repair: "the difference is added",
  },
} as const;

export type ResourceAuditClass = keyof typeof RESOURCE_CLASSES;
export type OtherAuditClass = keyof typeof OTHER_CLASSES;
export type AuditClass = ResourceAuditClass | OtherAuditClass;

export const AUDIT_CLASSES = [...Object.keys(RESOURCE_CLASSES), ...Object.keys(OTHER_CLASSES)] as [
  AuditClass,
  ...AuditClass[],
];

export function resourceClass(name: ResourceAuditClass): ResourceClass {
  return RESOURCE_CLASSES[name];
}

/** Every class in which the facts differ, with what differs. `scope`: what was looked at. */
export function differencesOf(
  facts: ResourceFacts,
  scope: ResourceClass["from"],
): { class: ResourceAuditClass; detail: string }[] {
  return (Object.entries(RESOURCE_CLASSES) as [ResourceAuditClass, ResourceClass][]).flatMap(
    ([name, { from, find }]) => {
      if (facts.row === null && from !== scope) return [];
      const detail = find(facts);
      return detail === null ? [] : [{ class: name, detail }];
    },
  );
}

/** What was made after a backup that was restored is most likely a customer's. */
function refuseLost(made: { isLost: boolean } | null): string | null {
  return made?.isLost
    ? "it was made after the backup that was restored, and may be a customer's: delete_lost deletes it all the same"
    : null;
}

function lostText({ isLost }: { isLost: boolean }): string {
  return isLost ? ", made after the backup that was restored" : "";
}

/** Whether it is on, as its holder should see it; null while it is neither on nor off. */
export function shownPower({ instance }: Pick<ResourceFacts, "instance">): PowerState | null {
  if (!instance) return "unknown";
  return instance.status === "other" ? null : instance.status;
}

/** The limits that the instance of a row has. */
export function instanceSize({ kind, size }: Pick<AuditedRow, "kind" | "size">): AuditedSize {
  return kind === "server" ? size : { ...size, diskGib: ENGINE_ROOT_DISK_GIB };
}

/** Whether there has to be an instance. */
export function isThere(row: AuditedRow | null): row is AuditedRow {
  return row?.status === "active" || row?.status === "suspended";
}

function isGone(row: AuditedRow | null): boolean {
  return row === null || row.status === "failed";
}

/** Whether what has this row, or none, left behind is of use to nobody. One whose instance was removed behind our back keeps what it has: its data, and the way to it. */
function isLeftBehind(row: AuditedRow | null): boolean {
  if (row === null) return true;
  return row.status === "failed" && !row.wasInUse && row.error?.code !== "instance_missing";
}

function failedText(row: AuditedRow | null): string {
  return row === null ? "" : ", whose create has failed";
}

function isSameSize(one: AuditedSize | null, other: AuditedSize): boolean {
  return one?.vcpus === other.vcpus && one.memoryMib === other.memoryMib && one.diskGib === other.diskGib;
}

function sizeText(size: AuditedSize | null): string {
  return size ? `${size.vcpus} CPUs, ${size.memoryMib} MiB, ${size.diskGib} GiB` : "no limits that we know";
}
