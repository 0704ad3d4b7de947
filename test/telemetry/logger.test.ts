import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/telemetry/logger.ts";

const KEY = `cn_live_sk_${"S3cret".repeat(7)}`;

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: "info", name: "test", stream: { write: (line) => void lines.push(line) } }));
  expect(lines).toHaveLength(1);
  expect(() => void JSON.parse(lines[0] ?? "")).not.toThrow();
  return lines[0] ?? "";
}

describe("the logger", () => {
  it("writes JSON lines with level, time and process name", () => {
    const line = JSON.parse(logged((logger) => logger.info({ port: 8080 }, "ready"))) as { time: string };
    expect(line).toEqual({ level: "info", time: expect.any(String), name: "test", port: 8080, msg: "ready" });
    expect(new Date(line.time).toISOString()).toBe(line.time);
  });

  it.each<[string, object | string]>([
    ["a field", { token: KEY }],
    ["a nested field", { a: { b: [{ c: `x${KEY}y` }] } }],
    ["the message", `key ${KEY} refused`],
    ["an error", { err: new Error(`bad key ${KEY}`, { cause: new Error(KEY) }) }],
    ["a header", { request: { headers: { authorization: `Bearer ${KEY}` } } }],
  ])("hides an API key in %s", (_where, entry) => {
    expect(logged((logger) => logger.warn(entry))).not.toContain("S3cret");
  });

  it.each<[string, object]>([
    ["Authorization headers of any scheme", { headers: { Authorization: 'Digest "S3cret", x="S3cret"' } }],
    ["lists of authorization headers", { headers: { authorization: ["Token S3cret"] } }],
    ["bearer tokens in prose", { note: "sent Bearer S3cret.S3cret.S3cret" }],
    ["passwords in URLs", { url: "postgresql://app:S3cret@127.0.0.1:5432/db" }],
    ["passwords in fields", { request: { kind: "add_password", password: "S3cret" } }],
    ["passwords in JSON that is logged as text", { content: '{"kind":"setup","next_password": "S3cret"}' }],
    ["private keys", { text: "-----BEGIN OPENSSH PRIVATE KEY-----\nS3cret\n-----END OPENSSH PRIVATE KEY-----" }],
  ])("hides %s", (_what, entry) => {
    expect(logged((logger) => logger.info(entry))).not.toContain("S3cret");
  });

  it("leaves ordinary lines as they are", () => {
    const entry = { url: "https://10.0.0.1:8443/1.0", text: 'basic "quotes" \\ and a bearer of news' };
    expect(JSON.parse(logged((logger) => logger.info(entry)))).toMatchObject(entry);
  });
});
