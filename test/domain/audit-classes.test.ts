import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { differencesOf, OTHER_CLASSES, RESOURCE_CLASSES, resourceClass } from "../../src/domain/audit-classes.ts";
import { type AuditedRow, isSettled, type ResourceFacts } from "../../src/domain/audit-facts.ts";
import { MENDED_BY_HAND } from "../support/planted-orphans.ts";

const ROW: AuditedRow = {
  ...{ kind: "server", accountId: "acc_a", region: "us-east-1", status: "active", powerState: "running" },
  ...{
    actionId: "act_a",
    ipv4: "10.0.0.2",
    size: { vcpus: 1, memoryMib: 512, diskGib: 10 },
    error: null,
    access: null,
    wasInUse: false,
    version: "1",
  },
};
const HEALTHY: ResourceFacts = {
  ...{ id: "srv_a", row: ROW, isBusy: false, address: { region: "us-east-1", address: "10.0.0.2" } },
  capacity: { region: "us-east-1", ...ROW.size },
  hold: { accountId: "acc_a", vcpus: 1, memoryMib: 512 },
  ...{ hasCredentials: false, hasCertificate: false, hasAttachedKeys: true },
  instance: {
    ...{ kind: "server", accountId: "acc_a", status: "running", size: ROW.size, ipv4: "10.0.0.2" },
    ...{ hasVolume: false, isLost: false },
  },
  ...{ volume: null, accessRules: null, wantedAccessRules: null },
};
const DATABASE: ResourceFacts = {
  ...HEALTHY,
  id: "db_a",
  row: { ...ROW, kind: "database", access: { engine: "redis", trustedSources: [] } },
  capacity: { region: "us-east-1", vcpus: 1, memoryMib: 512, diskGib: 14 },
  ...{ hasCredentials: true, hasCertificate: true, hasAttachedKeys: false },
  instance: { ...HEALTHY.instance!, kind: "database", size: { ...ROW.size, diskGib: 4 }, hasVolume: true },
  ...{ volume: { accountId: "acc_a", isLost: false }, accessRules: "to 10.0.0.2", wantedAccessRules: "to 10.0.0.2" },
};
/** All that a create can leave behind, but the instance. */
const LEFT_BEHIND: ResourceFacts = {
  ...DATABASE,
  row: { ...DATABASE.row!, status: "failed", ipv4: null },
  ...{ instance: null, address: null, capacity: null, hold: null, accessRules: null, wantedAccessRules: null },
};

function named(facts: Partial<ResourceFacts>, from: "region" | "rows" = "region"): string[] {
  return differencesOf({ ...HEALTHY, ...facts }, from).map((difference) => difference.class);
}

describe("the facts of a server", () => {
  it("that is as it should be differ in nothing", () => {
    expect(named({})).toEqual([]);
    expect(
      named({ row: { ...ROW, powerState: "stopped" }, instance: { ...HEALTHY.instance!, status: "stopped" } }),
    ).toEqual([]);
  });

  it("whose instance is neither on nor off at the moment differ in nothing", () => {
    expect(named({ instance: { ...HEALTHY.instance!, status: "other" } })).toEqual([]);
  });

  it("that has failed and was given back everything differ in nothing", () => {
    const row = { ...ROW, status: "failed" as const, ipv4: null };
    const nothing = { instance: null, address: null, capacity: null, hold: null, hasAttachedKeys: false };
    expect(named({ row, ...nothing })).toEqual([]);
  });

  it("never free an address or a share while there is an instance that uses it", () => {
    expect(named({ row: null })).toEqual(["instance_orphaned"]);
    expect(named({ row: { ...ROW, status: "failed" } })).toEqual([
      "instance_of_failed",
      "quota_hold_orphaned",
      "ssh_keys_orphaned",
    ]);
    expect(named({ row: null, instance: null })).toEqual(["address_orphaned", "capacity_orphaned"]);
  });

  it("that has no row are told by rows alone where they are in no region", () => {
    const orphan = { row: null, instance: null, hasCredentials: true };
    expect(named(orphan, "rows")).toEqual(["quota_hold_orphaned", "credentials_orphaned", "ssh_keys_orphaned"]);
  });
});

describe("the facts of a database", () => {
  const named = (facts: Partial<ResourceFacts>) =>
    differencesOf({ ...DATABASE, ...facts }, "region").map((difference) => difference.class);

  it("that is as it should be differ in nothing", () => {
    expect(named({})).toEqual([]);
  });

  it.each<[string, Partial<ResourceFacts>]>([
    ["volume_missing", { volume: null }],
    ["volume_missing", { instance: { ...DATABASE.instance!, hasVolume: false } }],
    ["credentials_missing", { hasCredentials: false }],
    ["certificate_missing", { hasCertificate: false }],
    ["access_rules_missing", { accessRules: null }],
    ["access_rules_differ", { accessRules: "to 10.0.0.3" }],
    ["instance_address_differs", { instance: { ...DATABASE.instance!, ipv4: "10.0.0.3" } }],
    ["instance_address_differs", { instance: { ...DATABASE.instance!, ipv4: null } }],
  ])("tell what is not: %s", (name, facts) => {
    expect(named(facts)).toEqual([name]);
  });
});

describe("what a failed create of a database left behind", () => {
  const named = (row: Partial<AuditedRow>) =>
    differencesOf({ ...LEFT_BEHIND, row: { ...LEFT_BEHIND.row!, ...row } }, "region").map(({ class: name }) => name);

  it("is found: volume, login and certificate", () => {
    expect(named({})).toEqual(["volume_of_failed", "credentials_orphaned", "certificate_orphaned"]);
  });

  it("is none of anybody's business while the database has been in use: it is the customer's data, and the way to it", () => {
    const error = { code: "instance_missing" as const, message: "", step: null, action_id: "act_a", retryable: false };
    expect(named({ error })).toEqual([]);
    // Another create of it has failed since.
    expect(named({ wasInUse: true, error: { ...error, code: "boot_timeout" } })).toEqual([]);
  });

  it("is none while it is made, or taken down", () => {
    expect(named({ status: "provisioning" })).not.toContain("volume_of_failed");
    expect(named({ status: "deleting" })).not.toContain("volume_of_failed");
  });

  it("includes the keys of a server", () => {
    const server = { ...HEALTHY, row: { ...ROW, status: "failed" as const, ipv4: null } };
    const gone = { instance: null, address: null, capacity: null, hold: null };
    const classes = (row: AuditedRow) =>
      differencesOf({ ...server, ...gone, row }, "region").map((difference) => difference.class);
    expect(classes(server.row)).toEqual(["ssh_keys_orphaned"]);
    expect(classes({ ...server.row, wasInUse: true })).toEqual([]);
  });
});

describe("a repair is refused", () => {
  it("of what is mended by hand, and says so in its table", () => {
    const all = Object.keys(RESOURCE_CLASSES) as (keyof typeof RESOURCE_CLASSES)[];
    const byHand = all.filter((name) => RESOURCE_CLASSES[name].repair.startsWith("by hand: "));
    expect(byHand.sort()).toEqual([...MENDED_BY_HAND].sort());
    for (const name of byHand) expect(resourceClass(name).refuse?.(DATABASE)).not.toBeNull();
  });

  it("where the instance is back of a server that was given up as lost", () => {
    const error = { code: "instance_missing" as const, message: "", step: null, action_id: "act_a", retryable: false };
    const facts = { ...HEALTHY, row: { ...ROW, status: "failed" as const, error } };
    expect(resourceClass("instance_of_failed").refuse?.(facts)).toContain("customers' data");
    expect(resourceClass("instance_of_failed").refuse?.({ ...facts, row: { ...facts.row, error: null } })).toBeNull();
  });

  it("of what was made between a backup and its restore", () => {
    const lost = { ...HEALTHY, row: null, instance: { ...HEALTHY.instance!, isLost: true } };
    expect(resourceClass("instance_orphaned").refuse?.(lost)).toContain("delete_lost");
    expect(resourceClass("instance_of_failed").refuse?.(lost)).toContain("delete_lost");
    const volume = { accountId: "acc_a", isLost: true };
    expect(resourceClass("volume_orphaned").refuse?.({ ...lost, instance: null, volume })).toContain("delete_lost");
    expect(resourceClass("instance_orphaned").refuse?.({ ...HEALTHY, row: null })).toBeNull();
  });

  it("of a volume that an instance may use", () => {
    for (const name of ["volume_orphaned", "volume_of_failed"] as const) {
      expect(resourceClass(name).refuse?.(HEALTHY)).not.toBeNull();
      expect(resourceClass(name).holdMs).toBeGreaterThanOrEqual(7 * 24 * 60 * 60 * 1000);
    }
  });
});

describe("two readings of a row", () => {
  it.each([
    ["an action is working on it", { isBusy: true }, {}],
    ["an action has begun meanwhile", {}, { isBusy: true }],
    ["another action has been and gone", {}, { row: { ...ROW, actionId: "act_b" } }],
    ["it has changed", {}, { row: { ...ROW, version: "2" } }],
    ["it was deleted meanwhile", {}, { row: null }],
    ["it was made meanwhile", { row: null }, {}],
  ])("tell nothing if %s", (_when, before, after) => {
    expect(isSettled({ ...HEALTHY, ...before }, { ...HEALTHY, ...after })).toBe(false);
  });

  it("tell if it stayed the same, or stayed away", () => {
    expect(isSettled(HEALTHY, { ...HEALTHY })).toBe(true);
    expect(isSettled({ ...HEALTHY, row: null }, { ...HEALTHY, row: null })).toBe(true);
  });
});

describe("docs/operations.md", () => {
  it("says of every class what it means and how it is repaired, as the code does", () => {
    const text = readFileSync("docs/operations.md", "utf8");
    const all = Object.entries({ ...RESOURCE_CLASSES, ...OTHER_CLASSES });
    const rows = all.map(([name, { meaning, repair }]) => `| \`${name}\` | ${meaning} | ${repair} |`);
    expect(rows.filter((row) => !text.includes(row))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(12);
  });
});
