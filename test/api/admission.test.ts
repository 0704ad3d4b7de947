import express, { type Request } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { type Listener, listen } from "../../src/api/listener.ts";
import { type AdmissionLimits, admission } from "../../src/api/middleware/admission.ts";
import { errors } from "../../src/api/middleware/errors.ts";
import { requestId } from "../../src/api/middleware/request-id.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { waitUntil } from "../support/wait.ts";

let listener: Listener | null = null;
afterEach(async () => {
  await listener?.close();
  listener = null;
});

/** An API whose one call ends when it is told to. */
async function gatedApi(limits: AdmissionLimits) {
  const arrived: string[] = [];
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const app = express();
  app.use(requestId);
  app.post("/:name", (request: Request<{ name: string }>, _response, next) => {
    arrived.push(request.params.name);
    next();
  });
  app.post("/:name", admission(limits), (request: Request<{ name: string }>, response) => {
    const { name } = request.params;
    begun.push(name);
    ends.set(name, () => response.send(name));
  });
  app.use(errors({ logger: createLogger({ level: "silent", name: "test" }), publicUrl: "http://localhost" }));
  listener = await listen(app, { host: "127.0.0.1", port: 0 });
  const { address } = listener;
  return {
    begun,
    post: (name: string, signal?: AbortSignal) =>
      fetch(`${address}/${name}`, { method: "POST", ...(signal && { signal }) }),
    end: (name: string) => ends.get(name)?.(),
    hasArrived: (name: string) => waitUntil(`${name} has arrived`, async () => arrived.includes(name)),
    hasBegun: (name: string) => waitUntil(`${name} has begun`, async () => begun.includes(name)),
  };
}

describe("admission", () => {
  it("lets so many in at once, and the next in the order of their arrival", async () => {
    const api = await gatedApi({ atOnce: 1, maxWaitMs: 60_000 });
    const first = api.post("first");
    await api.hasBegun("first");
    const second = api.post("second");
    await api.hasArrived("second");
    const third = api.post("third");
    await api.hasArrived("third");
    expect(api.begun).toEqual(["first"]);
    api.end("first");
    expect((await first).status).toBe(200);
    await api.hasBegun("second");
    expect(api.begun).toEqual(["first", "second"]);
    api.end("second");
    expect((await second).status).toBe(200);
    await api.hasBegun("third");
    api.end("third");
    expect((await third).status).toBe(200);
  });

  it("refuses at once who would wait too long", async () => {
    const api = await gatedApi({ atOnce: 1, maxWaitMs: 0 });
    const first = api.post("first");
    await api.hasBegun("first");
    const refused = await api.post("second");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ error: { code: "overloaded" } });
    api.end("first");
    expect((await first).status).toBe(200);
    expect(api.begun).toEqual(["first"]);
  });

  it("forgets who has gone away while waiting", async () => {
    const api = await gatedApi({ atOnce: 1, maxWaitMs: 60_000 });
    const first = api.post("first");
    await api.hasBegun("first");
    const leaving = new AbortController();
    const gone = api.post("gone", leaving.signal).catch(() => "gone");
    await api.hasArrived("gone");
    leaving.abort();
    expect(await gone).toBe("gone");
    api.end("first");
    await first;
    const next = api.post("next");
    await api.hasBegun("next");
    api.end("next");
    expect((await next).status).toBe(200);
  });
});
