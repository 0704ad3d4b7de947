import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ engineImages: false });
  await world.startWorker();
});
afterAll(() => world.close());

describe("a region without engine images", () => {
  it("offers no engine, says so, and makes nothing", async () => {
    expect(await world.api.list("/v1/database_engines")).toEqual([]);
    const answer = await world.api.createDatabase("nothing");
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "validation_failed" } } });
    expect(answer.body.error.details).toEqual([
      { field: "engine", issue: "postgresql is not offered in us-east-1; there is none at the moment" },
    ]);
    expect(await world.sql("SELECT 1 FROM databases")).toEqual([]);
  });
});
