import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { DatabaseBuild } from "../src/store/databases.ts";
import type { ResourceState } from "../src/store/resources.ts";
import type { Repositories } from "../src/store/store.ts";

/** The resource, unless a delete has taken it over: an action that starts late must not touch what is being taken down. */
export async function ownedResource({ resources }: Repositories, input: ActionInput): Promise<ResourceState> {
  const resource = await resources[input.resourceKind].state(input.resourceId);
  if (resource?.actionId !== input.actionId) throw new DomainError("resource_deleted");
  return resource;
}

export interface OwnedDatabase extends ResourceState, DatabaseBuild {
  ipv4: string;
}

export async function ownedDatabase(store: Repositories, input: ActionInput): Promise<OwnedDatabase> {
  const [resource, build] = await Promise.all([ownedResource(store, input), store.databases.build(input.resourceId)]);
  const { ipv4 } = resource;
  if (!build || ipv4 === null) throw new DomainError("resource_deleted");
  return { ...resource, ...build, ipv4 };
}
