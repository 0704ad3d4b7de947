import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import { ComputeError } from "../src/domain/compute-error.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import { type ErrorCode, publicMessage } from "../src/domain/error-codes.ts";

/**
 * The one place where an error becomes a Temporal failure: its type is the code, and whether it is worth a retry was decided where it was born. An unknown
 * error is a bug or a fault of our own parts (a database that restarts): retried, and without its text, which may hold anything.
 */
function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof Error && error.name === "AbortError") return error;
  if (error instanceof ComputeError) return failure(error.code, error.message, !error.transient);
  if (error instanceof DomainError) return failure(error.code, error.message, true);
  return failure("internal_error", error instanceof Error ? error.name : "unknown error", false);
}

function failure(code: ErrorCode, internal: string, nonRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({ message: internal || publicMessage(code), type: code, nonRetryable });
}

/** The same activities; whatever they throw leaves them as a Temporal failure. */
export function withClassifiedFailures<T extends object>(activities: T): T {
  const wrapped = Object.entries(activities).map(
    ([name, activity]: [string, (...args: unknown[]) => Promise<unknown>]) => [
      name,
      async (...args: unknown[]) => {
        try {
          return await activity(...args);
        } catch (error) {
          throw toFailure(error);
        }
      },
    ],
  );
  return Object.fromEntries(wrapped) as T;
}
