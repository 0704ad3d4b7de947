import { DomainError } from "../domain/domain-error.ts";
import type { ResourceKind } from "../domain/resource.ts";

export function nameTaken(kind: ResourceKind, name: string): DomainError {
  return new DomainError("name_taken", {
    details: [{ field: "name", issue: `another ${kind} of this account is named ${name}` }],
  });
}
