import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { listen } from "../../src/api/listener.ts";
import { HttpMetrics } from "../../src/telemetry/http-metrics.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createRegistry } from "../../src/telemetry/metrics.ts";
import { ampleRateLimiter } from "../support/ample-limits.ts";
import { answersIn, RawConnection } from "../support/raw-connection.ts";
import { PATIENT } from "../support/wait.ts";
import { deferred, PUBLIC_URL, startApi } from "./harness.ts";
import { ACTION, API_KEY, SERVER, servicesDouble } from "./services-double.ts";

describe("closing the listener", () => {
  it("finishes the request under way and takes no new one", async () => {
    const arrived = deferred();
    const release = deferred();
    const api = await startApi({
      getServer: async () => {
        arrived.resolve();
        await release.promise;
        return SERVER;
      },
    });
    const answer = api.request("GET", `/v1/servers/${SERVER.id}`);
    await arrived.promise;
    const closed = api.listener.close();
    await expect(fetch(`${api.url}/healthz`)).rejects.toThrow();
    release.resolve();
    expect((await answer).status).toBe(200);
    await closed;
  });

  it("says on the connections that are still open that it is not ready, and ends them", async () => {
    const arrived = deferred();
    const release = deferred();
    const api = await startApi(
      {
        getServer: async () => {
          arrived.resolve();
          await release.promise;
          return SERVER;
        },
      },
      { timeouts: { idleGrace: 60_000 } },
    );
    const open = await RawConnection.open(api.url);
    const request = (path: string) =>
      open.send(`GET ${path} HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`);
    const answer = api.request("GET", `/v1/servers/${SERVER.id}`);
    await arrived.promise;
    const closed = api.listener.close();
    request("/readyz");
    const [readiness] = answersIn(await open.end());
    expect(readiness).toMatchObject({ status: 503 });
    expect(readiness!.headers.get("connection")).toBe("close");
    expect(JSON.parse(readiness!.body)).toMatchObject({
      error: { code: "service_unavailable", details: [{ field: "api", issue: "is stopping" }] },
      data: { ready: false, checks: { database: { ready: true } } },
    });
    release.resolve();
    // It was under way before: it is told as well.
    expect((await answer).headers.get("connection")).toBe("close");
    await closed;
  });

  it("writes an answer out to a slow reader before it closes", async () => {
    const many = Array.from({ length: 50_000 }, () => SERVER);
    const api = await startApi({
      listServers: () => Promise.resolve({ items: many, page: 1, perPage: 100, total: many.length, nextCursor: null }),
    });
    const open = await RawConnection.open(api.url);
    open.pause();
    open.send(`GET /v1/servers HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`);
    await vi.waitUntil(() => api.services.listServers.mock.calls.length > 0, PATIENT);
    const closed = api.listener.close();
    // Answered on another connection, or refused there: the list has been written as far as it goes by then.
    await api.request("GET", "/healthz").catch(() => undefined);
    open.resume();
    const [list] = answersIn(await open.end());
    expect((JSON.parse(list!.body) as { data: unknown[] }).data).toHaveLength(many.length);
    await closed;
  });

  it("lets a held-back answer go at once", async () => {
    const waiting = deferred();
    const api = await startApi({
      waitForAction: async (_id, _principal, _waitMs, signal) => {
        const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
        waiting.resolve();
        await aborted;
        return ACTION;
      },
    });
    const answer = api.request("GET", `/v1/actions/${ACTION.id}?wait=60`);
    await waiting.promise;
    await api.listener.close();
    expect((await answer).body.data).toMatchObject({ status: "running" });
  });

  it("does not wait for idle connections, and may be asked twice", async () => {
    const api = await startApi();
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      get(`${api.url}/healthz`, { agent }, (response) => response.resume().on("end", resolve)).on("error", reject);
    });
    await Promise.all([api.listener.close(), api.listener.close()]);
    agent.destroy();
  });

  it("does not wait for connections that never sent a request", async () => {
    const api = await startApi();
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    await once(socket, "connect");
    const ended = once(socket.resume(), "close");
    await api.listener.close();
    await ended;
  });
});

describe("opening the listener", () => {
  it("rejects when the port is taken", async () => {
    const api = await startApi();
    const logger = createLogger({ level: "silent", name: "api" });
    const port = Number(new URL(api.url).port);
    const second = listen(
      createApp({
        services: servicesDouble(),
        rateLimiter: ampleRateLimiter(),
        logger,
        metrics: new HttpMetrics(createRegistry()),
        publicUrl: PUBLIC_URL,
        acceptWaitMs: 0,
      }),
      {
        host: "127.0.0.1",
        port,
      },
    );
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
