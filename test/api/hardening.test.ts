import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/domain/limits.ts";
import { answersIn, RawConnection } from "../support/raw-connection.ts";
import { PATIENT } from "../support/wait.ts";
import { deferred, PUBLIC_URL, startApi } from "./harness.ts";
import { API_KEY, SERVER } from "./services-double.ts";

/** Milliseconds, so that a test sees the end of a slow client's patience. */
const SHORT = { headers: 150, request: 300, check: 20, idleGrace: 0 };
const AUTHORIZED = `Host: api\r\nAuthorization: Bearer ${API_KEY}\r\n`;
const GET = `GET /v1/servers/${SERVER.id} HTTP/1.1\r\n${AUTHORIZED}\r\n`;
const POST = `POST /v1/servers HTTP/1.1\r\n${AUTHORIZED}Content-Type: application/json\r\n`;

async function answersTo(url: string, bytes: string) {
  const connection = await RawConnection.open(url);
  connection.send(bytes);
  return answersIn(await connection.end());
}

function refusal(status: number, code: string) {
  return {
    status,
    headers: expect.objectContaining({ size: expect.any(Number) }) as unknown,
    body: expect.stringContaining(`"docs_url":"${PUBLIC_URL}/docs/errors/${code}"`) as unknown,
  };
}

describe("what is no HTTP", () => {
  const HEADS: [what: string, bytes: string][] = [
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    ["an unknown method", `BREW /healthz HTTP/1.1\r\n${AUTHORIZED}\r\n`],
    ["a header without a name", `GET /healthz HTTP/1.1\r\n: nameless\r\n${AUTHORIZED}\r\n`],
    ["a header with a line feed alone", `GET /healthz HTTP/1.1\r\nHost: api\nX: y\r\n\r\n`],
    ["two lengths", `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ["a length and chunks", `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["a length that is no number", `${POST}Content-Length: two\r\n\r\n{}`],
    ["a chunk without a size", `${POST}Transfer-Encoding: chunked\r\n\r\nsize\r\n\r\n`],
  ];

  it.each(HEADS)("%s: 400 in the envelope, and the connection is closed", async (_what, bytes) => {
    const api = await startApi();
    const answers = await answersTo(api.url, bytes);
    expect(answers).toEqual([refusal(400, "malformed_request")]);
    expect(answers[0]!.headers.get("connection")).toBe("close");
    expect(JSON.parse(answers[0]!.body)).toMatchObject({ status: "error", meta: { request_id: expect.any(String) } });
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("behind a good request: the answer of that one goes out whole, then the connection is closed", async () => {
    const arrived = deferred();
    const release = deferred();
    const api = await startApi({
      getServer: async () => {
        arrived.resolve();
        await release.promise;
        return SERVER;
      },
    });
    const connection = await RawConnection.open(api.url);
    connection.send(GET);
    await arrived.promise;
    connection.send("garbage\r\n\r\n");
    // Served on another connection after the garbage was sent: it has arrived by then.
    await api.request("GET", "/healthz");
    release.resolve();
    const answers = answersIn(await connection.end());
    expect(answers.map(({ status }) => status)).toEqual([200]);
  });

  it("HTTP/1.1 without a Host: 400", async () => {
    const api = await startApi();
    const connection = await RawConnection.open(api.url);
    connection.send("GET /healthz HTTP/1.1\r\n\r\n");
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
  });
});

describe("what is too large", () => {
  it("headers: 431 in the envelope, and the connection is closed", async () => {
    const api = await startApi();
    const fits = `X-Long: ${"x".repeat(LIMITS.requestHeadersMaxBytes - 1024)}\r\n`;
    expect(
      await answersTo(api.url, `GET /healthz HTTP/1.1\r\nConnection: close\r\n${fits}Host: api\r\n\r\n`),
    ).toMatchObject([{ status: 200 }]);
    const tooLong = `X-Long: ${"x".repeat(LIMITS.requestHeadersMaxBytes)}\r\n`;
    expect(await answersTo(api.url, `GET /healthz HTTP/1.1\r\n${tooLong}Host: api\r\n\r\n`)).toEqual([
      refusal(431, "headers_too_large"),
    ]);
  });

  it("a body: 413 in the envelope, however it is sent", async () => {
    const api = await startApi();
    const body = `{"name":"${"x".repeat(LIMITS.requestBodyMaxBytes)}"}`;
    const closing = `${POST}Connection: close\r\n`;
    for (const framing of [
      `Content-Length: ${body.length}\r\n\r\n${body}`,
      `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ]) {
      expect(await answersTo(api.url, closing + framing)).toEqual([refusal(413, "payload_too_large")]);
    }
    expect(api.services.createServer).not.toHaveBeenCalled();
  });
});

describe("what is too slow", () => {
  it.each([
    ["headers, byte by byte", "GET /healthz HTTP/1.1\r\nX-Slow: ", "x"],
    ["a body, byte by byte", `${POST}Content-Length: 100000\r\n\r\n`, " "],
    ["a body, chunk by chunk", `${POST}Transfer-Encoding: chunked\r\n\r\n`, "1\r\n \r\n"],
    ["nothing at all", "", ""],
  ])("%s: 408 in the envelope, and the connection is closed", async (_what, begin, more) => {
    const api = await startApi({}, { timeouts: SHORT });
    const connection = await RawConnection.open(api.url);
    connection.send(begin);
    await connection.trickle(more, 10);
    expect(answersIn(await connection.end())).toEqual([refusal(408, "request_timeout")]);
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("is logged as what it was", async () => {
    const api = await startApi({}, { timeouts: SHORT });
    const connection = await RawConnection.open(api.url);
    connection.send(`${POST}Content-Length: 100000\r\n\r\n`);
    await connection.trickle(" ", 10);
    const line = await vi.waitUntil(() => api.logEntries().find(({ msg }) => msg === "request"), PATIENT);
    expect(line).toMatchObject({ status: 408, aborted: true });
  });

  it("an answer that is held back is no slow request", async () => {
    const slow = deferred();
    const api = await startApi({ getServer: () => slow.promise.then(() => SERVER) }, { timeouts: SHORT });
    const connection = await RawConnection.open(api.url);
    connection.send(GET.replace("Host", "Connection: close\r\nHost"));
    // A connection that is slow from now on is closed first.
    const slower = await RawConnection.open(api.url);
    slower.send(`${POST}Content-Length: 100000\r\n\r\n`);
    await slower.trickle(" ", 10);
    slow.resolve();
    expect(answersIn(await connection.end()).map(({ status }) => status)).toEqual([200]);
  });

  it("a connection that is used no more is closed", async () => {
    const api = await startApi({}, { timeouts: { ...SHORT, keepAlive: 50 } });
    const connection = await RawConnection.open(api.url);
    connection.send(GET);
    expect(answersIn(await connection.end()).map(({ status }) => status)).toEqual([200]);
  });
});

describe("what an answer gives away", () => {
  it("is neither the software nor where it failed", async () => {
    const api = await startApi({ getServer: () => Promise.reject(new Error("at secret-place.ts:1:1")) });
    const answer = await api.request("GET", `/v1/servers/${SERVER.id}`);
    expect(answer.status).toBe(500);
    for (const name of ["x-powered-by", "server", "via", "x-runtime"]) expect(answer.headers.get(name)).toBeNull();
    expect(JSON.stringify(answer.body)).not.toMatch(/secret-place|\.ts\b|express|node_modules/i);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("strict-transport-security")).toContain("max-age=");
  });
});
