import type { AccountEvent, EventResource } from "../domain/event.ts";
import { lackingScopes, type Principal } from "../domain/principal.ts";

/** What lets a key see the thing itself lets it see what happens to it. */
const SCOPE_OF: Record<EventResource, string> = {
  server: "servers:read",
  database: "databases:read",
  ssh_key: "ssh_keys:read",
  api_key: "api_keys:write",
};

/** Actions are seen by those who see their resource, and by those who follow actions: as their calls have it. */
export function canSee({ scopes }: Principal, { resourceType, subject }: AccountEvent): boolean {
  const own = SCOPE_OF[resourceType];
  const enough = subject.kind === "action" ? [own, "actions:read"] : [own];
  return lackingScopes(scopes, enough).length < enough.length;
}
