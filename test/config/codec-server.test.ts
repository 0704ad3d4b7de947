import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadCodecServerConfig } from "../../src/config/codec-server.ts";

const [first, second] = [randomBytes(32), randomBytes(32)];

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "cn-codec-"));
  mkdirSync(join(dataDir, "secrets"));
  writeFileSync(join(dataDir, "secrets", "codec-key"), first.toString("base64"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function load(environment: Record<string, string> = {}) {
  return loadCodecServerConfig({ CLOUDNEXUS_DATA_DIR: dataDir, ...environment });
}

describe("the codec server's configuration", () => {
  it("has the documented defaults and needs nothing but the data folder", () => {
    expect(load()).toMatchObject({
      listener: { host: "127.0.0.1", port: 8081 },
      origins: ["http://127.0.0.1:8233"],
      codecKeys: [first],
      logLevel: "info",
    });
  });

  it("makes the operator's key once, readable by its owner only", () => {
    const { operatorKey } = load();
    const file = join(dataDir, "secrets", "codec-server-key");
    expect(readFileSync(file, "utf8")).toBe(operatorKey);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(load().operatorKey).toBe(operatorKey);
  });

  it("takes keys and origins from the environment, the first key first", () => {
    const operatorKey = "operator-operator-operator-operator";
    expect(
      load({
        CLOUDNEXUS_CODEC_KEY: `${second.toString("base64")}, ${first.toString("base64")}`,
        CLOUDNEXUS_CODEC_SERVER_KEY: operatorKey,
        CLOUDNEXUS_CODEC_SERVER_ORIGIN: "https://temporal.example.com,http://127.0.0.1:8233",
      }),
    ).toMatchObject({
      codecKeys: [second, first],
      operatorKey,
      origins: ["https://temporal.example.com", "http://127.0.0.1:8233"],
    });
  });

  it.each([
    [{ CLOUDNEXUS_CODEC_SERVER_ORIGIN: "*" }, /^CLOUDNEXUS_CODEC_SERVER_ORIGIN: must be origins/],
    [{ CLOUDNEXUS_CODEC_SERVER_ORIGIN: "http://127.0.0.1:8233/" }, /^CLOUDNEXUS_CODEC_SERVER_ORIGIN: must be origins/],
    [{ CLOUDNEXUS_CODEC_SERVER_KEY: "secret" }, /^CLOUDNEXUS_CODEC_SERVER_KEY: must be 32 or more/],
    [{ CLOUDNEXUS_CODEC_SERVER_PORT: "99999" }, /^CLOUDNEXUS_CODEC_SERVER_PORT: /],
    [{ CLOUDNEXUS_CODEC_KEY: `${first.toString("base64")},short` }, /^CLOUDNEXUS_CODEC_KEY: must be 32 bytes/],
  ])("refuses %j", (environment: Record<string, string>, message) => {
    expect(() => load(environment)).toThrow(message);
  });

  it("makes no codec key: in a folder without one it asks for the right folder", () => {
    rmSync(join(dataDir, "secrets", "codec-key"));
    expect(() => load()).toThrow(/^CLOUDNEXUS_CODEC_KEY: is not set, and there is no .*CLOUDNEXUS_DATA_DIR/);
  });
});
