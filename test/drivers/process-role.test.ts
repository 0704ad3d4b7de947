import { afterAll, expect, test } from "vitest";
import { declareProcessRole } from "../../src/domain/process-role.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { createSandboxProbe } from "../../src/drivers/probe/sandbox-probe.ts";
import { createTcpProbe } from "../../src/drivers/probe/tcp-probe.ts";

// The role is for life; this process has other test files before it.
afterAll(() => Reflect.deleteProperty(globalThis, Symbol.for("cloudnexus.process-role")));

test("no driver and no probe can be made in the API process", () => {
  declareProcessRole("api");
  const region = { region: "r", endpoint: "unix:///nowhere", project: "p", network: "n", storagePool: "s" };
  const makers = [
    () => createIncusDriver({ ...region, gateway: "10.0.0.1", prefixLength: 24 }),
    () => createTcpProbe(),
    () => createSandboxProbe("/nowhere"),
  ];
  for (const make of makers) expect(make).toThrow("must not reach infrastructure");
});

test("a process has one role for its life", () => {
  declareProcessRole("api");
  expect(() => declareProcessRole("worker")).toThrow("already declared");
});
