import { DomainError } from "../domain/domain-error.ts";
import { isOutage } from "../store/outage.ts";

/**
 * The same use-cases; where the database is away they throw `service_unavailable`. It may have committed before it went: whoever repeats the request with its
 * Idempotency-Key gets what was made.
 */
export function withOutagesNamed<T extends object>(useCases: T): T {
  const wrapped = Object.entries(useCases).map(
    ([name, useCase]: [string, (...input: unknown[]) => Promise<unknown>]) => [
      name,
      (...input: unknown[]) => useCase(...input).catch(rethrow),
    ],
  );
  return Object.fromEntries(wrapped) as T;
}

function rethrow(error: unknown): never {
  if (error instanceof DomainError || !isOutage(error)) throw error;
  throw new DomainError("service_unavailable", { internal: "the database does not answer", cause: error });
}
