import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
});
afterAll(() => world.close());

describe("POST /v1/databases", () => {
  it("takes the published example and makes a database that tells the version that runs", async () => {
    const answer = await world.api.call("POST", "/v1/databases", {
      engine: "postgresql",
      version: "15.4",
      plan: "standard",
      name: "app-db-prod",
      region: "us-east-1",
    });
    expect(answer.status).toBe(201);
    console.log(JSON.stringify(answer.body));
    const action = await world.api.actionEnd(answer.body.data.action_id);
    console.log(JSON.stringify(action, null, 1));
    const db = (await world.api.get(`/v1/databases/${answer.body.data.id}`)).body.data;
    console.log(db, await world.api.credentials(db.id));
    for (const type of ["restart", "rotate_credentials", "suspend", "resume"]) {
      const a = await world.api.actOnDatabase(db.id, type);
      console.log(type, a.status, JSON.stringify(a.body.error));
      console.log(JSON.stringify(await world.api.actionEnd(a.body.data.id)));
    }
    const p = await world.api.call("PATCH", `/v1/databases/${db.id}`, { trusted_sources: ["10.1.0.0/16"] });
    console.log(JSON.stringify(p.body));
    console.log(JSON.stringify(await world.api.actionEnd(p.body.data.action_id)));
    const d = await world.api.deleteDatabase(db.id);
    console.log(JSON.stringify(await world.api.actionEnd(d.body.data.id)));
  });
});
