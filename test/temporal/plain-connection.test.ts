import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { Client } from "@temporalio/client";
import { afterEach, expect, it, vi } from "vitest";
import { PlainConnection } from "../../src/temporal/plain-connection.ts";

const DEADLINE_EXCEEDED = 4;
/** Long enough for the call to arrive on a machine that runs other tests. */
const TIMEOUT_MS = 3_000;
const sessions = new Set<ServerHttp2Session>();
const calls: IncomingHttpHeaders[] = [];
/** A Temporal that takes every call and answers none. */
const silent = createServer()
  .on("session", (session) => sessions.add(session))
  .on("stream", (_stream, headers) => calls.push(headers));

afterEach(async () => {
  for (const session of sessions) session.destroy();
  silent.close();
  await once(silent, "close");
});

it("gives up a call that is not answered, names its namespace, and follows no promise for either", async () => {
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const run = vi.spyOn(AsyncLocalStorage.prototype, "run");
  const connection = PlainConnection.to(`127.0.0.1:${(silent.address() as AddressInfo).port}`, "ours", TIMEOUT_MS);
  const client = new Client({ connection, namespace: "ours" });

  const start = client.workflow.start("createServer", { workflowId: "create-server/srv_a/1", taskQueue: "queue" });
  await expect(start).rejects.toMatchObject({ cause: { code: DEADLINE_EXCEEDED } });
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({
    ":path": "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution",
    "temporal-namespace": "ours",
  });
  expect(run).not.toHaveBeenCalled();
  await connection.close();
});
