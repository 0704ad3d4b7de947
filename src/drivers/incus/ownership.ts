import type { Owner } from "../compute.ts";

const ID = "user.cloudnexus.id";
const KIND = "user.cloudnexus.kind";
const ACCOUNT = "user.cloudnexus.account";
const REGION = "user.cloudnexus.region";

export function ownershipTags(owner: Owner): Record<string, string> {
  return { [ID]: owner.id, [KIND]: owner.kind, [ACCOUNT]: owner.accountId, [REGION]: owner.region };
}

/** Whom an instance's configuration says it belongs to; null unless all our tags are there. */
export function ownerFromTags(config: Record<string, string>): Owner | null {
  const { [ID]: id, [KIND]: kind, [ACCOUNT]: accountId, [REGION]: region } = config;
  if (!id || !accountId || !region || (kind !== "server" && kind !== "database")) return null;
  return { id, kind, accountId, region };
}

/** The id decides; ids are never given out twice. */
export function isOwnedBy(config: Record<string, string>, owner: Owner): boolean {
  return ownerFromTags(config)?.id === owner.id;
}
