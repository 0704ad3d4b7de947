import { describe, expect, it, vi } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { eventId } from "../../src/domain/event.ts";
import type { StreamedEvent } from "../../src/services/services.ts";
import { followEvents } from "../support/event-stream.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { PATIENT } from "../support/wait.ts";
import { deferred, startApi, wrongFields } from "./harness.ts";
import { API_KEY, SERVER, SERVER_EVENT } from "./services-double.ts";

const LAST = eventId({ id: 7n, at: new Date("2025-05-22T10:42:00.123Z") });
const BEGINNING = { id: 1n, at: new Date(0) };
const READY: StreamedEvent = { kind: "ready", position: BEGINNING };
const NEVER_MS = 1_000_000;

async function* brief(): AsyncGenerator<StreamedEvent> {
  yield await Promise.resolve(READY);
  yield { kind: "event", event: SERVER_EVENT };
  yield { kind: "heartbeat", position: SERVER_EVENT.position };
}

/** Begins, and waits until it is told to end. */
async function* silent(signal: AbortSignal): AsyncGenerator<StreamedEvent> {
  yield READY;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** What has no end and does not wait: it goes on as fast as it is asked. */
async function* endless(onPull: () => void): AsyncGenerator<StreamedEvent> {
  yield await Promise.resolve(READY);
  const labels = { text: "a".repeat(64 * 1024) };
  const event = { ...SERVER_EVENT, subject: { kind: "server", of: { ...SERVER, labels } } } as const;
  for (;;) {
    onPull();
    yield { kind: "event", event };
  }
}

describe("GET /v1/events", () => {
  it("is a stream of events as the WHATWG describes them", async () => {
    const api = await startApi({ openEvents: () => Promise.resolve(brief()) });
    const response = await fetch(`${api.url}/v1/events`, { headers: { authorization: `Bearer ${API_KEY}` } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-request-id": expect.stringMatching(/^req_/) as string,
      "x-ratelimit-limit": expect.any(String) as string,
    });
    const id = eventId(SERVER_EVENT.position);
    const [ready, event, heartbeat, end] = (await response.text()).split("\n\n");
    expect(ready).toBe(`retry: 2000\nid: ${eventId(BEGINNING)}\nevent: ready\ndata: {}`);
    expect(event).toMatch(new RegExp(`^id: ${id}\nevent: server.created\ndata: {.*}$`));
    expect(JSON.parse(event?.split("data: ")[1] ?? "")).toMatchObject({
      ...{ id, type: "server.created", resource: { type: "server", id: SERVER.id }, action_id: SERVER.actionId },
      data: { id: SERVER.id, status: "provisioning", power_state: "unknown", ssh_keys: SERVER.sshKeyIds },
    });
    expect([heartbeat, end]).toEqual([`: heartbeat\nid: ${id}`, ""]);
  });

  it("goes on after the last event, by header or parameter; the header is newer", async () => {
    const api = await startApi();
    const other = eventId({ id: 8n, at: new Date(0) });
    const asked = async (query: string, lastEventId?: string) => {
      const stream = await followEvents(api.url, API_KEY, { query, ...(lastEventId !== undefined && { lastEventId }) });
      await stream.ended;
      return api.services.openEvents.mock.lastCall?.[0];
    };
    const any = { lastEventId: null, type: null, resourceId: null };
    expect(await asked("")).toEqual(any);
    expect(await asked("", "")).toEqual(any);
    expect(await asked("", LAST)).toEqual({ ...any, lastEventId: LAST });
    expect(await asked(`?last_event_id=${other}`)).toEqual({ ...any, lastEventId: other });
    expect(await asked(`?last_event_id=${other}`, LAST)).toEqual({ ...any, lastEventId: LAST });
    expect(await asked("?type=server.active&resource_id=srv_a")).toEqual({
      ...{ lastEventId: null, type: "server.active", resourceId: "srv_a" },
    });
  });

  it("refuses what it does not know, before it begins", async () => {
    const api = await startApi();
    const headers = { "Last-Event-ID": "17" };
    const wrong = await api.request("GET", "/v1/events?type=server.exploded&colour=red", { headers });
    expect([wrong.status, wrongFields(wrong)]).toEqual([400, ["type", "colour", "header Last-Event-ID"]]);
    api.services.openEvents.mockRejectedValue(new DomainError("too_many_streams"));
    const many = await api.request("GET", "/v1/events");
    expect([many.status, many.body.error?.code, many.headers.get("retry-after")]).toEqual([
      429,
      "too_many_streams",
      "10",
    ]);
    expect((await api.request("GET", "/v1/events", { apiKey: null })).status).toBe(401);
  });

  it("answers HEAD without a stream, and leaves none open", async () => {
    const signals: AbortSignal[] = [];
    const api = await startApi({
      openEvents: (_request, _principal, signal) => {
        signals.push(signal);
        return Promise.resolve(silent(signal));
      },
    });
    const answer = await api.request("HEAD", "/v1/events");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    await vi.waitUntil(() => signals[0]?.aborted, PATIENT);
  });

  it("ends at once when the listener closes", async () => {
    const api = await startApi(
      { openEvents: (_request, _principal, signal) => Promise.resolve(silent(signal)) },
      { timeouts: { idleGrace: 0, close: NEVER_MS } },
    );
    const streams = await Promise.all([1, 2, 3].map(() => followEvents(api.url, API_KEY)));
    await api.listener.close();
    await Promise.all(streams.map(({ ended }) => ended));
    const entry = api.logEntries().find(({ msg }) => msg === "request");
    expect(entry).toMatchObject({ route: "/v1/events", status: 200 });
    expect(entry).not.toHaveProperty("aborted");
  });

  it("is told when its client goes away", async () => {
    const left = deferred();
    const api = await startApi({
      openEvents: (_request, _principal, signal) => {
        signal.addEventListener("abort", () => left.resolve());
        return Promise.resolve(silent(signal));
      },
    });
    await (await followEvents(api.url, API_KEY)).close();
    await left.promise;
  });

  it("waits for a client that does not read, keeps nothing for it, and is not held up by it at the end", async () => {
    let pulls = 0;
    const api = await startApi(
      { openEvents: () => Promise.resolve(endless(() => (pulls += 1))) },
      { timeouts: { idleGrace: 0, close: NEVER_MS } },
    );
    const slow = await RawConnection.open(api.url);
    slow.pause();
    slow.send(`GET /v1/events HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`);
    await vi.waitUntil(() => pulls > 0, PATIENT);
    // Written without waiting, it would never come to these.
    for (let request = 0; request < 50; request++) await api.request("GET", "/healthz");
    const waitsAt = pulls;
    // What fits into the sockets of both sides, of pieces of 64 KiB.
    expect(waitsAt).toBeLessThan(500);
    slow.resume();
    await vi.waitUntil(() => pulls > waitsAt + 10, PATIENT);
    slow.pause();
    await api.listener.close();
    slow.destroy();
  });
});
