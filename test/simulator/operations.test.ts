import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { at, eventually, type Folder, Simulator, temporaryFolder, text } from "./support.ts";

let folder: Folder;
let simulator: Simulator;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await simulator.stop();
  folder.remove();
});

const slow = ["--control", "--speed", "sandbox"];

describe("operations", () => {
  it("are waited for, and answer as Incus 6.0.4 does when the wait is over first", async () => {
    simulator = await Simulator.start(folder, slow);
    const operation = text((await simulator.create("cn-a")).body["operation"]);
    const early = await simulator.get(`${operation}/wait?timeout=0`);
    expect(early).toMatchObject({
      status: 200,
      body: { type: "error", error_code: 500, error: "context deadline exceeded" },
    });
    expect((await simulator.get(`${operation}/wait?timeout=10`)).body["metadata"]).toMatchObject({ status: "Success" });
    expect((await simulator.get(operation)).body["metadata"]).toMatchObject({ status: "Success", err: "" });
  });

  it("answer a wait with the operation itself where later Incus is simulated", async () => {
    simulator = await Simulator.start(folder, [...slow, "--wait-style", "operation"]);
    const operation = text((await simulator.create("cn-a")).body["operation"]);
    const early = await simulator.get(`${operation}/wait?timeout=0`);
    expect(early.body).toMatchObject({ type: "sync", metadata: { status: "Running", status_code: 103 } });
    await simulator.get(`${operation}/wait`);
    const failed = await simulator.ended(await simulator.create("cn-a"));
    expect(failed).toMatchObject({
      type: "sync",
      metadata: { status: "Failure", status_code: 400, err: expect.stringContaining("UNIQUE") },
    });
  });

  it("are listed by status, cannot be cancelled, and are gone some time after their end", async () => {
    simulator = await Simulator.start(folder, slow);
    const operation = text((await simulator.create("cn-a")).body["operation"]);
    expect((await simulator.get("/1.0/operations?all-projects=true")).body["metadata"]).toEqual({
      running: [operation],
    });
    expect(await simulator.call("DELETE", operation)).toMatchObject({
      status: 400,
      body: { error: "This operation can't be cancelled" },
    });
    await simulator.get(`${operation}/wait`);
    const listed = (await simulator.get("/1.0/operations?all-projects=true&recursion=1")).body["metadata"];
    expect(listed?.["success"]).toMatchObject([{ description: "Creating instance" }]);
    await eventually(async () => (await simulator.get(operation)).status === 404);
    expect(await simulator.get(`${operation}/wait`)).toMatchObject({
      status: 404,
      body: { error: "Operation not found" },
    });
  });

  it("of one instance exclude each other, and a second of the same kind shares the first's end", async () => {
    simulator = await Simulator.start(folder, slow);
    const create = await simulator.create("cn-a");
    const remove = await simulator.call("DELETE", at("/cn-a"));
    expect((await simulator.ended(remove))["error"]).toContain('Instance is busy running a "create" operation');
    await simulator.ended(create);
    const starts = [await simulator.setState("cn-a", "start"), await simulator.setState("cn-a", "start")];
    for (const start of starts) expect((await simulator.ended(start))["metadata"]).toMatchObject({ status: "Success" });
  });

  it("are complete before a lost answer cuts the connection", async () => {
    simulator = await Simulator.start(folder, slow);
    await simulator.fault({ kind: "lost_answer", match: { method: "POST", path: "/1.0/instances" } });
    await expect(simulator.create("cn-a")).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
    expect((await simulator.get("/sim/v1/snapshot")).body["volumes"]).toMatchObject([{ name: "cn-a" }]);
  });

  it("show an instance while it is still being made", async () => {
    simulator = await Simulator.start(folder, slow);
    const create = await simulator.create("cn-a");
    await eventually(async () => (await simulator.get(at("/cn-a"))).status === 200);
    expect((await simulator.get(text(create.body["operation"]))).body["metadata"]?.["id"]).toBeTypeOf("string");
    await simulator.ended(create);
  });
});
