import { describe, expect, it } from "vitest";
import type { Action } from "../../src/domain/action.ts";
import { deferred, startApi, wrongFields } from "./harness.ts";
import { ACTION, PRINCIPAL } from "./services-double.ts";

const PATH = `/v1/actions/${ACTION.id}`;

describe("GET /v1/actions/{id}", () => {
  it("200 shows progress and steps", async () => {
    const api = await startApi();
    const answer = await api.request("GET", PATH);
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({
      id: ACTION.id,
      type: "create",
      status: "running",
      resource: { type: "server", id: ACTION.resourceId },
      progress: 50,
      steps: ACTION.steps,
      error: null,
      created_at: "2025-05-22T10:42:00Z",
      ended_at: null,
    });
  });

  it("200 keeps what only operators may know of a failure to itself", async () => {
    const failed: Action = {
      ...ACTION,
      status: "failed",
      error: {
        code: "boot_timeout",
        message: "Too slow.",
        step: "wait_for_ssh",
        retryable: true,
        leftovers: ["delete instance"],
      },
    };
    const api = await startApi({ getAction: () => Promise.resolve(failed) });
    const { body } = await api.request("GET", PATH);
    expect((body.data as { error: object }).error).toEqual({
      code: "boot_timeout",
      message: "Too slow.",
      step: "wait_for_ssh",
      retryable: true,
    });
  });

  it("holds the answer with ?wait=, in seconds", async () => {
    const api = await startApi();
    const answer = await api.request("GET", `${PATH}?wait=60`);
    expect(answer.body.data).toMatchObject({ status: "succeeded", progress: 100, ended_at: "2025-05-22T10:42:05Z" });
    expect(api.services.waitForAction).toHaveBeenCalledWith(ACTION.id, PRINCIPAL, 60_000, expect.any(AbortSignal));
    expect(api.services.getAction).not.toHaveBeenCalled();
  });

  it("does not wait with ?wait=0", async () => {
    const api = await startApi();
    expect((await api.request("GET", `${PATH}?wait=0`)).body.data).toMatchObject({ status: "running" });
    expect(api.services.waitForAction).not.toHaveBeenCalled();
  });

  it.each([["61"], ["-1"], ["soon"], [""], ["1.5"]])("400 for ?wait=%s", async (wait) => {
    const api = await startApi();
    const answer = await api.request("GET", `${PATH}?wait=${wait}`);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["wait"]);
  });

  it("stops waiting when the client goes away", async () => {
    const waiting = deferred<AbortSignal>();
    const api = await startApi({
      waitForAction: async (_id, _principal, _waitMs, signal) => {
        waiting.resolve(signal);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return ACTION;
      },
    });
    const client = new AbortController();
    const answer = api.request("GET", `${PATH}?wait=60`, { signal: client.signal });
    const signal = await waiting.promise;
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    client.abort();
    await expect(answer).rejects.toThrow();
    await aborted;
  });

  it("404 for what is no action id", async () => {
    const api = await startApi();
    expect((await api.request("GET", "/v1/actions/act_1")).status).toBe(404);
    expect(api.services.getAction).not.toHaveBeenCalled();
  });
});
