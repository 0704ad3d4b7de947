import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { newId } from "../../src/domain/ids.ts";
import { deleteResource } from "../../src/services/delete-resource.ts";
import type { Dependencies } from "../../src/services/dependencies.ts";
import { once } from "../../src/services/idempotency.ts";
import type { IdempotencyRequest, RequestContext } from "../../src/services/services.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createTestStore, query } from "../support/database.ts";

/** What an Idempotency-Key and a repeated DELETE come to on the rows; over HTTP, with the workflows: idempotency.test.ts and accepting.test.ts. */

let test: Awaited<ReturnType<typeof createTestStore>>;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

let keys = 0;

function context(idempotency: IdempotencyRequest | null, accountId = "acc_a"): RequestContext {
  const principal = { accountId, apiKeyId: "ak_a", tokenId: "tok_a", scopes: ["*"] };
  return { principal, requestId: "req", idempotency };
}

function newRequest(): IdempotencyRequest {
  return { key: `key-${++keys}`, route: "POST /v1/things", bodyHash: "a" };
}

/** An effect that counts how often it was had. */
function counter() {
  let had = 0;
  return {
    had: () => had,
    work: {
      resourceId: "thing_1",
      effect: () => Promise.resolve(++had),
      replay: (id: string) => Promise.resolve(`replay of ${id}`),
    },
  };
}

function run(of: RequestContext, work: ReturnType<typeof counter>["work"]) {
  return once<number | string>(test.store, of, work);
}

describe("an Idempotency-Key", () => {
  it("has its effect once, and answers a repetition from what it made", async () => {
    const { had, work } = counter();
    const of = context(newRequest());
    expect(await run(of, work)).toEqual({ value: 1, replayed: false });
    expect(await run(of, work)).toEqual({ value: "replay of thing_1", replayed: true });
    expect(had()).toBe(1);
  });

  it.each<[string, Partial<IdempotencyRequest>]>([
    ["body", { bodyHash: "b" }],
    ["route", { route: "POST /v1/others" }],
  ])("that served another %s is refused", async (_what, change) => {
    const { had, work } = counter();
    const request = newRequest();
    await run(context(request), work);
    const other = run(context({ ...request, ...change }), work);
    await expect(other).rejects.toMatchObject({ code: "idempotency_key_reused" });
    expect(had()).toBe(1);
  });

  it("is the account's: another one's has an effect of its own", async () => {
    const { had, work } = counter();
    const request = newRequest();
    await run(context(request), work);
    await run(context(request, "acc_b"), work);
    expect(had()).toBe(2);
  });

  it("is not used up by an effect that was refused", async () => {
    const { had, work } = counter();
    const of = context(newRequest());
    const refused = once<number | string>(test.store, of, {
      ...work,
      effect: () => Promise.reject(new DomainError("name_taken")),
    });
    await expect(refused).rejects.toMatchObject({ code: "name_taken" });
    expect(await run(of, work)).toMatchObject({ replayed: false });
    expect(had()).toBe(1);
  });

  it("that is not sent has every effect", async () => {
    const { had, work } = counter();
    await run(context(null), work);
    await run(context(null), work);
    expect(had()).toBe(2);
  });
});

describe("a DELETE", () => {
  it("that is repeated, also with another key, answers with the one that is under way", async () => {
    const id = newId("server");
    await test.store.servers.insert({
      id,
      accountId: "acc_a",
      name: "gone",
      plan: "p",
      region: "us-east-1",
      image: "i",
      size: { vcpus: 1, memoryMib: 512, diskGib: 10 },
      sshKeyIds: [],
      userDataBox: null,
      labels: {},
      actionId: newId("action"),
    });
    // Temporal is away: what was accepted waits for the sweep.
    const workflows = { start: () => Promise.reject(new Error("away")) };
    const logger = createLogger({ level: "silent", name: "test" });
    const dependencies = { store: test.store, workflows, logger } as unknown as Dependencies;
    const contexts = [context(null), context(newRequest()), context(newRequest()), context(null)];
    const ids = new Set<string>();
    for (const of of contexts) ids.add((await deleteResource(dependencies, "server", id, of)).value.id);
    expect(ids.size).toBe(1);
    expect(await query(test.databaseUrl, "SELECT id FROM actions WHERE resource_id = $1", [id])).toHaveLength(1);
  });
});
