import { ApplicationFailure } from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { withClassifiedFailures } from "../../activities/failures.ts";
import { ComputeError } from "../../src/domain/compute-error.ts";
import { DomainError } from "../../src/domain/domain-error.ts";

async function classified(error: Error): Promise<unknown> {
  const { act } = withClassifiedFailures({ act: () => Promise.reject(error) });
  return act().catch((failure: unknown) => failure);
}

describe("what an activity throws", () => {
  it.each([true, false])("keeps the infrastructure's code and its verdict: transient %s", async (transient) => {
    const failure = await classified(new ComputeError("storage_full", "the pool is full", { transient }));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: "storage_full", nonRetryable: !transient, message: "the pool is full" });
  });

  it("is final where the domain says no", async () => {
    expect(await classified(new DomainError("no_capacity"))).toMatchObject({ type: "no_capacity", nonRetryable: true });
  });

  it("is retried and says nothing of itself where it is unknown", async () => {
    const failure = await classified(new Error("connection to postgresql://user:secret@db failed"));
    expect(failure).toMatchObject({ type: "internal_error", nonRetryable: false, message: "Error" });
  });
});
