import { setTimeout as delay } from "node:timers/promises";
import { type AccessRules, ComputeError, type Owner } from "../compute.ts";
import { IncusError, type IncusErrorName } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import type { Region } from "./region.ts";
import { rejectRules } from "./reject-rules.ts";
import type { Versioned } from "./transport.ts";
import type { WireAcl, WireAclRule, WireNetwork } from "./wire.ts";

/** On the list itself: which network it was made for. A list without it is somebody else's. */
const NETWORK_TAG = "user.cloudnexus.network";
/** Networks that Incus can attach access lists to. On others, the firewalls inside the guests are all there is. */
const CARRIERS = ["bridge", "ovn"];
/** Other workers write to the same list; each round, one of them gets through. */
const ROUNDS = 12;
const PAUSE_MS = 40;
const INTERFERENCE: readonly IncusErrorName[] = ["acl_exists", "changed_meanwhile"];
/** No rule has this text. */
const NOT_IN_FORCE = "not in force";

/** Lets only the sources reach the owner's address. The list is made, and attached to the network, with the first rules. */
export async function setAccessRules(region: Region, owner: Owner, rules: AccessRules, pulse: Pulse): Promise<void> {
  await region.accessRulesSlot.run(pulse.signal, async () => {
    await inRounds(pulse.signal, () => ensureList(region, pulse.signal));
    await inRounds(pulse.signal, async () => {
      const list = await listOf(region, pulse.signal);
      if (!(await pulse.isWanted())) return true;
      return await ensureRules(region, list, owner, rejectRules(owner, rules), pulse.signal);
    });
    await inRounds(pulse.signal, () => ensureAttached(region, pulse.signal));
  });
}

/** Takes the owner's rules back. The list itself stays: the network names it. */
export async function removeAccessRules(region: Region, owner: Owner, pulse: Pulse): Promise<void> {
  await region.accessRulesSlot.run(pulse.signal, () =>
    inRounds(pulse.signal, async () => {
      const list = await region.networkAcls.find(pulse.signal);
      if (!list || !isOurs(region, list.value) || !(await pulse.isWanted())) return true;
      return await ensureRules(region, list, owner, [], pulse.signal);
    }),
  );
}

/** The rules of everybody, by their owners' ids. What the list says is not in force where the network does not name it: that is told as other rules. */
export async function allAccessRules(
  region: Region,
  signal: AbortSignal,
): Promise<{ ownerId: string; text: string }[]> {
  const [list, { value: network }] = await Promise.all([
    region.networkAcls.find(signal),
    region.networkAcls.network(signal),
  ]);
  if (!list || !isOurs(region, list.value)) return [];
  const byOwner = new Map<string, WireAclRule[]>();
  for (const rule of list.value.ingress) {
    if (rule.description) byOwner.set(rule.description, [...(byOwner.get(rule.description) ?? []), rule]);
  }
  const isInForce = isAttached(region, network) || !canCarry(network);
  return [...byOwner].map(([ownerId, rules]) => ({ ownerId, text: isInForce ? textOf(rules) : NOT_IN_FORCE }));
}

/** As `allAccessRules` tells them. */
export function accessRulesText(owner: Owner, rules: AccessRules): string {
  return textOf(rejectRules(owner, rules));
}

async function ensureList(region: Region, signal: AbortSignal): Promise<boolean> {
  const list = await region.networkAcls.find(signal);
  if (!list) {
    await region.networkAcls.create({ [NETWORK_TAG]: region.network }, signal);
    return false;
  }
  if (isOurs(region, list.value)) return true;
  const text = `region ${region.name}: the network ACL ${region.networkAcls.name} is not ours; rename it, its name is needed for the rules of databases`;
  throw new ComputeError("instance_conflict", text, { transient: false });
}

/** True if the list says of the owner exactly this. Else it is changed, and looked at again: Incus compares versions and writes in two steps. */
async function ensureRules(
  region: Region,
  list: Versioned<WireAcl>,
  owner: Owner,
  wanted: WireAclRule[],
  signal: AbortSignal,
): Promise<boolean> {
  const [own, others] = [ofOwner(list.value, owner), ofOthers(list.value, owner)];
  if (isSame(own, wanted)) return true;
  await region.networkAcls.replace({ ...list, value: { ...list.value, ingress: [...others, ...wanted] } }, signal);
  return false;
}

/** Attached, a list rejects what it does not name; where it is the first one, everything is allowed instead, as it was without. */
async function ensureAttached(region: Region, signal: AbortSignal): Promise<boolean> {
  const { value: network, etag } = await region.networkAcls.network(signal);
  if (isAttached(region, network) || !canCarry(network)) return true;
  const attached = listsOf(network);
  const allowed = { "security.acls.default.ingress.action": "allow", "security.acls.default.egress.action": "allow" };
  const config = {
    ...network.config,
    ...(attached.length === 0 ? allowed : {}),
    "security.acls": [...attached, region.networkAcls.name].join(","),
  };
  await region.networkAcls.replaceNetwork({ value: { ...network, config }, etag }, signal);
  return false;
}

/**
 * Until `step` finds everything as it should be. What others do at the same time is no failure, until the rounds are over; a failure that may hide an effect
 * is looked into once.
 */
async function inRounds(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  let hasDoubted = false;
  for (let round = 1; ; round++) {
    try {
      if (await step()) return;
      if (round >= ROUNDS) throw outpaced();
    } catch (error) {
      if (!(error instanceof IncusError) || round >= ROUNDS) throw error;
      if (!INTERFERENCE.includes(error.row)) {
        if (hasDoubted || !error.leavesDoubt) throw error;
        hasDoubted = true;
      }
    }
    await delay(Math.random() * PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function listOf(region: Region, signal: AbortSignal): Promise<Versioned<WireAcl>> {
  const list = await region.networkAcls.find(signal);
  if (!list)
    throw new ComputeError("infrastructure_error", "the network ACL was deleted meanwhile", { transient: true });
  return list;
}

function isOurs(region: Region, list: WireAcl): boolean {
  return list.config[NETWORK_TAG] === region.network;
}

function ofOwner(list: WireAcl, owner: Owner): WireAclRule[] {
  return list.ingress.filter((rule) => rule.description === owner.id);
}

function ofOthers(list: WireAcl, owner: Owner): WireAclRule[] {
  return list.ingress.filter((rule) => rule.description !== owner.id);
}

const RULE_FIELDS = ["action", "source", "destination", "protocol", "destination_port", "state"] as const;

function isSame(own: WireAclRule[], wanted: WireAclRule[]): boolean {
  return textOf(own) === textOf(wanted);
}

/** The same for the same rules, in whatever order they are. */
function textOf(rules: WireAclRule[]): string {
  const lines = rules.map((rule) => RULE_FIELDS.map((field) => rule[field] ?? "").join(" "));
  return lines.sort().join("\n");
}

function isAttached(region: Region, network: WireNetwork): boolean {
  return listsOf(network).includes(region.networkAcls.name);
}

function listsOf({ config }: WireNetwork): string[] {
  return (config["security.acls"] ?? "").split(",").filter((name) => name !== "");
}

function canCarry({ managed, type }: WireNetwork): boolean {
  return managed && CARRIERS.includes(type);
}

function outpaced(): ComputeError {
  const text = "others keep changing the region's access rules";
  return new ComputeError("infrastructure_error", text, { transient: true });
}
