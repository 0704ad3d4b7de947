import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { listen } from "../../src/api/listener.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { ampleRateLimiter } from "../support/ample-limits.ts";
import { deferred, PUBLIC_URL, startApi } from "./harness.ts";
import { ACTION, SERVER, servicesDouble } from "./services-double.ts";

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
      createApp({ services: servicesDouble(), rateLimiter: ampleRateLimiter(), logger, publicUrl: PUBLIC_URL }),
      {
        host: "127.0.0.1",
        port,
      },
    );
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
