import { DomainError } from "../domain/domain-error.ts";
import type { ResourceKind } from "../domain/resource.ts";
import { isUniqueViolation, type Repositories } from "../store/store.ts";
import { nameTaken } from "./name-taken.ts";
import type { DescribeRequest, RequestContext } from "./services.ts";

/** Changes name and labels at once, whatever runs, and locks the row. Throws `not_found` and `name_taken`. */
export async function describeResource(
  repositories: Repositories,
  kind: ResourceKind,
  id: string,
  { name, labels }: DescribeRequest,
  { principal }: RequestContext,
): Promise<void> {
  const resources = repositories.resources[kind];
  const resource = await resources.lock(id);
  if (resource?.accountId !== principal.accountId) throw new DomainError("not_found");
  try {
    await resources.describe(id, { name: name ?? null, labels: labels ?? null });
  } catch (error) {
    if (isUniqueViolation(error) && name !== undefined) throw nameTaken(kind, name);
    throw error;
  }
}
