import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultPayloadConverter } from "@temporalio/common";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Listener } from "../../src/api/listener.ts";
import { startCodecServer } from "../../src/start-codec-server.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { PayloadEncryption } from "../../src/temporal/payload-encryption.ts";
import { spawnProcess } from "../support/processes.ts";

const OPERATOR_KEY = randomBytes(32).toString("base64");
const UI = "http://127.0.0.1:8233";
const codecKey = randomBytes(32);
const SECRET = "hunter2-in-a-payload";

let server: Listener;
let logLines: string[] = [];

beforeAll(async () => {
  const logger = createLogger({
    level: "debug",
    name: "codec-server",
    stream: { write: (line) => void logLines.push(line) },
  });
  const listener = { host: "127.0.0.1", port: 0 };
  server = await startCodecServer(
    { listener, origins: [UI], operatorKey: OPERATOR_KEY, codecKeys: [codecKey], logLevel: "debug" },
    logger,
  );
});
beforeEach(() => (logLines = []));
afterAll(() => server.close());

interface JsonPayload {
  metadata: Record<string, string>;
  data: string;
}

function toJson(payload: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }): JsonPayload {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const metadata = Object.entries(payload.metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]);
  return { metadata: Object.fromEntries(metadata), data: base64(payload.data ?? Buffer.alloc(0)) };
}

const plain = toJson(defaultPayloadConverter.toPayload({ password: SECRET }));

async function send(path: string, body: unknown, headers: Record<string, string> = {}, method = "POST") {
  const response = await fetch(`${server.address}${path}`, {
    method,
    headers: { Authorization: `Bearer ${OPERATOR_KEY}`, "Content-Type": "application/json", ...headers },
    ...(method === "POST" && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}

describe("the codec server", () => {
  it("encodes, and decodes what it or a worker encoded", async () => {
    const encoded = await send("/encode", { payloads: [plain, plain] });
    expect(encoded.status).toBe(200);
    expect(encoded.text).not.toContain(plain.data);
    const decoded = await send("/decode?preserveStorageRefs=true", encoded.body);
    expect(decoded.body).toEqual({ payloads: [plain, plain] });
    expect(decoded.headers.get("cache-control")).toBe("no-store");

    const value = defaultPayloadConverter.toPayload(SECRET);
    const [fromWorker] = await new PayloadEncryption([codecKey]).encode([value]);
    expect((await send("/decode", { payloads: [toJson(fromWorker!)] })).body).toEqual({ payloads: [toJson(value)] });
  });

  it("leaves plain payloads and absent fields as they are", async () => {
    const { body } = await send("/decode", { payloads: [plain, {}] });
    expect(body).toEqual({ payloads: [plain, { metadata: {}, data: "" }] });
    for (const none of [{ payloads: [] }, {}]) {
      expect((await send("/decode", none)).body).toEqual({ payloads: [] });
    }
  });

  it("says which key is missing", async () => {
    const [foreign] = await new PayloadEncryption([randomBytes(32)]).encode([
      defaultPayloadConverter.toPayload(SECRET),
    ]);
    const answer = await send("/decode", { payloads: [toJson(foreign!)] });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toMatch(/^payload encrypted with codec key "[0-9a-f]{8}", which is not configured/);
  });

  it.each([
    ["no JSON", `{"payloads": [${SECRET}`],
    ["no object", [plain]],
    ["no list", { payloads: plain }],
    ["bytes that are not base64", { payloads: [{ ...plain, data: `${SECRET}!` }] }],
  ])("answers 400 to %s, without repeating it", async (_, body) => {
    const answer = await send("/decode", body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toMatch(/^the body must be JSON/);
    expect(answer.text).not.toContain(SECRET);
  });

  it("refuses a body that is too large", async () => {
    const answer = await send("/decode", `"${"x".repeat(33 * 1024 * 1024)}"`);
    expect(answer.status).toBe(413);
  });

  it("has POST only", async () => {
    const answer = await send("/decode", null, {}, "PUT");
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
    expect((await send("/download", { payloads: [] })).status).toBe(404);
  });

  it("logs neither payloads nor keys", async () => {
    await send("/encode", { payloads: [plain] });
    await send(`/${SECRET}?${SECRET}`, { payloads: [plain] });
    await send("/decode", `{"payloads": "${SECRET}"`);
    await expect.poll(() => logLines.length).toBeGreaterThanOrEqual(3);
    expect(logLines.join()).toContain('"route":"/encode"');
    for (const secret of [SECRET, plain.data, OPERATOR_KEY]) expect(logLines.join()).not.toContain(secret);
  });
});

describe("the operator's key", () => {
  const basic = (password: string) => `Basic ${Buffer.from(`operator:${password}`).toString("base64")}`;

  it.each([
    ["none", ""],
    ["another one", `Bearer ${randomBytes(32).toString("base64")}`],
    ["a part of it", `Bearer ${OPERATOR_KEY.slice(0, -1)}`],
    ["another password", basic("operator")],
    ["another scheme", `Digest ${OPERATOR_KEY}`],
  ])("is asked for: 401 with %s, before the body is read", async (_, authorization) => {
    const answer = await send("/decode", "no JSON", { Authorization: authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
  });

  it("is taken as a password, which a browser asks for on the first page", async () => {
    const asked = await send("/", null, { Authorization: "" }, "GET");
    expect(asked.status).toBe(401);
    expect(asked.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    const signedIn = await send("/", null, { Authorization: basic(OPERATOR_KEY) }, "GET");
    expect(signedIn.text).toMatch(/^Signed in/);
    const headers = { Authorization: basic(OPERATOR_KEY), Origin: UI };
    expect((await send("/decode", { payloads: [plain] }, headers)).body).toEqual({ payloads: [plain] });
  });
});

describe("a page", () => {
  const preflight = (origin: string) =>
    fetch(`${server.address}/decode`, {
      method: "OPTIONS",
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace",
      },
    });

  it("of the UI may ask and read", async () => {
    const asked = await preflight(UI);
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(UI);
    expect(asked.headers.get("access-control-allow-methods")).toBe("POST");
    expect(asked.headers.get("access-control-allow-headers")).toMatch(/Content-Type.*Authorization.*X-Namespace/);
    const answer = await send("/decode", { payloads: [plain] }, { Origin: UI });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(UI);
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    expect(answer.headers.get("vary")).toContain("Origin");
  });

  it.each(["https://evil.example", "null", "http://127.0.0.1:82330"])("of %s may not", async (origin) => {
    const asked = await preflight(origin);
    expect(asked.status).toBe(403);
    expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    expect((await send("/decode", { payloads: [plain] }, { Origin: origin })).status).toBe(403);
  });
});

describe("npm run codec-server", () => {
  it("starts with keys and nothing else, and stops on SIGTERM", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "cn-codec-server-"));
    const codecServer = await spawnProcess("src/codec-server.ts", "codec server ready", {
      CLOUDNEXUS_DATA_DIR: dataDir,
      CLOUDNEXUS_CODEC_KEY: codecKey.toString("base64"),
      CLOUDNEXUS_CODEC_SERVER_PORT: "0",
      LOG_LEVEL: "info",
    });
    await codecServer.kill("SIGTERM");
    expect(existsSync(join(dataDir, "secrets", "codec-server-key"))).toBe(true);
    rmSync(dataDir, { recursive: true });
  });
});
