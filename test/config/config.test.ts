import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readCatalog } from "../../src/config/catalog.ts";
import { loadConfig } from "../../src/config/config.ts";
import { simulatorSocketPath } from "../../src/config/sandbox.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cn-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const REGION = {
  name: "US East",
  endpoint: "unix:///var/lib/incus/unix.socket",
  project: "p",
  network: "n",
  storage_pool: "s",
  addresses: ["10.88.0.10-10.88.0.20"],
  gateway: "10.88.0.1",
  prefix_length: 24,
  nameservers: ["10.88.0.1"],
  images: { "debian-12": "cloudnexus/debian-12" },
};

function catalog(change: object = {}, region: object = {}) {
  return {
    default_image: "debian-12",
    regions: { "us-east-1": { ...REGION, ...region } },
    plans: { starter: { vcpus: 1, memory_mib: 512, disk_gib: 10, kinds: ["server"] } },
    images: { "debian-12": { name: "Debian 12" } },
    ...change,
  };
}

function load(environment: Record<string, string> = {}, file: object = catalog()) {
  const path = join(folder, "cloudnexus.yaml");
  writeFileSync(path, stringify(file));
  return loadConfig({
    DATABASE_URL: "postgresql://localhost/cloudnexus",
    TEMPORAL_ADDRESS: "127.0.0.1:7233",
    CLOUDNEXUS_DATA_DIR: join(folder, "data"),
    CLOUDNEXUS_CONFIG: path,
    ...environment,
  });
}

describe("a wrong setting stops the start with one line that names it:", () => {
  it.each([
    [{ DATABASE_URL: "" }, /^DATABASE_URL: is not set/],
    [{ DATABASE_URL: "mysql://x" }, /^DATABASE_URL: must begin with postgresql/],
    [{ TEMPORAL_ADDRESS: "" }, /^TEMPORAL_ADDRESS: is not set/],
    [{ TEMPORAL_ADDRESS: "http://x" }, /^TEMPORAL_ADDRESS: must be host:port/],
    [{ PORT: "99999" }, /^PORT: /],
    [{ PORT: "eighty" }, /^PORT: /],
    [{ CLOUDNEXUS_INFRASTRUCTURE: "aws" }, /^CLOUDNEXUS_INFRASTRUCTURE: must be sandbox or incus/],
    [{ CLOUDNEXUS_BOOTSTRAP_API_KEY: "secret" }, /^CLOUDNEXUS_BOOTSTRAP_API_KEY: must be cn_live_sk_/],
    [{ CLOUDNEXUS_API_KEY_PEPPER: "short" }, /^CLOUDNEXUS_API_KEY_PEPPER: must be 32 bytes in base64/],
    [{ CLOUDNEXUS_CREDENTIAL_KEY: Buffer.alloc(32).toString("base64") }, /^CLOUDNEXUS_CREDENTIAL_KEY: is not random/],
    [{ CLOUDNEXUS_CODEC_KEY: "short,short" }, /^CLOUDNEXUS_CODEC_KEY: must be 32 bytes in base64/],
    [{ CLOUDNEXUS_CONFIG: "/nowhere.yaml" }, /^CLOUDNEXUS_CONFIG: cannot read \/nowhere.yaml/],
    [{ CLOUDNEXUS_PUBLIC_URL: "api.example.com" }, /^CLOUDNEXUS_PUBLIC_URL: must be http:\/\/ or https:/],
    [{ CLOUDNEXUS_PUBLIC_URL: "https://api.example.com/v1" }, /^CLOUDNEXUS_PUBLIC_URL: .*without a path/],
    [{ CLOUDNEXUS_RATE_LIMITS: "redis" }, /^CLOUDNEXUS_RATE_LIMITS: must be memory or postgresql/],
    [{ TRUST_PROXY_HOPS: "true" }, /^TRUST_PROXY_HOPS: must be the number of proxies/],
    [{ CLOUDNEXUS_ACCEPT_WAIT_MS: "soon" }, /^CLOUDNEXUS_ACCEPT_WAIT_MS: must be a number of milliseconds/],
    [{ TRUST_PROXY_HOPS: "-1" }, /^TRUST_PROXY_HOPS: /],
    [{ CLOUDNEXUS_REGIONS: "us-east-1,mars-1" }, /^CLOUDNEXUS_REGIONS: names an unknown region: mars-1/],
  ])("%j", (environment: Record<string, string>, message) => {
    expect(() => load(environment)).toThrow(message);
    expect(() => load(environment)).not.toThrow(/\n/);
  });

  it.each([
    ["an unknown setting", catalog({ colour: "blue" }), /colour/],
    ["a region without a gateway", catalog({}, { gateway: undefined }), /regions\.us-east-1\.gateway/],
    ["https without certificates", catalog({}, { endpoint: "https://x:8443" }), /regions\.us-east-1\.tls: is needed/],
    ["another protocol", catalog({}, { endpoint: "http://x" }), /regions\.us-east-1\.endpoint: must begin/],
    ["a range that is none", catalog({}, { addresses: ["10.88.0.20-10.88.0.10"] }), /regions\.us-east-1\.addresses\.0/],
    ["the gateway among the addresses", catalog({}, { addresses: ["10.88.0.0/24"] }), /contain the gateway/],
    ["an image that nobody describes", catalog({}, { images: { "alpine-3": "a" } }), /not under images: alpine-3/],
    ["a default image that is unknown", catalog({ default_image: "alpine-3" }), /default_image/],
    [
      "a plan of half a CPU",
      catalog({ plans: { tiny: { vcpus: 0.5, memory_mib: 512, disk_gib: 1, kinds: ["server"] } } }),
      /plans\.tiny\.vcpus/,
    ],
    [
      "a rate that lets no create through",
      catalog({ rate_limits: { key_burst: { points: 5, seconds: 60 } } }),
      /rate_limits\.key_burst\.points/,
    ],
    ["a quota of less than nothing", catalog({ quotas: { servers: -1 } }), /quotas\.servers/],
    ["an unknown rate", catalog({ rate_limits: { hourly: {} } }), /hourly/],
    ["no region", catalog({ regions: {} }), /regions/],
    ["one address in two regions", catalog({ regions: { a: REGION, b: REGION } }), /overlap those of a/],
  ])("%s", (_, file, message) => {
    expect(() => load({}, file)).toThrow(message);
  });
});

describe("the configuration", () => {
  it("has the documented defaults", () => {
    expect(load()).toMatchObject({
      listener: { host: "127.0.0.1", port: 8080 },
      temporal: { namespace: "cloudnexus", taskQueuePrefix: "cloudnexus" },
      infrastructure: "incus",
      servedRegions: ["us-east-1"],
      bootstrapApiKey: null,
      trustProxyHops: 0,
      acceptWaitMs: 2_000,
      rateLimitStore: "memory",
      rateLimits: { keyBurst: { points: 3_000, seconds: 60 }, keySustained: { points: 36_000, seconds: 3_600 } },
    });
  });

  it("makes its secrets once, readable by their owner only", () => {
    const first = load().secrets;
    expect(load().secrets).toEqual(first);
    const secrets = join(folder, "data", "secrets");
    for (const file of readdirSync(secrets)) expect(statSync(join(secrets, file)).mode & 0o777).toBe(0o600);
    expect(first.apiKeyPeppers).not.toContainEqual(first.credentialKey);
  });

  it("replaces every endpoint by the simulator's in the sandbox", () => {
    const config = load({ CLOUDNEXUS_INFRASTRUCTURE: "sandbox" });
    const socket = simulatorSocketPath(join(folder, "data"));
    expect(config.infrastructures.map((region) => region.endpoint)).toEqual([`unix://${socket}`]);
  });

  it("gives a deep data folder a socket path that fits the kernel's limit", () => {
    const socket = simulatorSocketPath(join(folder, "deep".repeat(40)));
    expect(Buffer.byteLength(socket)).toBeLessThan(108);
  });

  it("is what the example file shows", () => {
    const { catalog: example, addressRanges, rateLimits, quotas } = readCatalog("cloudnexus.example.yaml");
    expect(Object.keys(example.regions)).toEqual(["us-east-1", "eu-west-2"]);
    expect(Object.keys(example.plans)).toEqual(["starter", "pro", "enterprise", "standard"]);
    expect(example.defaultImage).toBe("ubuntu-22.04");
    expect(Object.values(example.regions).map(({ host }) => host)).toEqual(["rack-1", "incus.eu-west-2.example.com"]);
    // The example shows the defaults.
    expect([rateLimits, quotas]).toEqual([load().rateLimits, load().quotas]);
    expect(addressRanges["us-east-1"]).toEqual([{ first: 0x0a58000a, last: 0x0a5800fa }]);
  });
});

describe("the address from outside", () => {
  it.each([
    [{}, "http://127.0.0.1:8080"],
    [{ HOST: "0.0.0.0", PORT: "80" }, "http://127.0.0.1:80"],
    [{ HOST: "::1" }, "http://[::1]:8080"],
    [{ CLOUDNEXUS_PUBLIC_URL: "https://api.example.com" }, "https://api.example.com"],
  ])("with %j is %s", (environment: Record<string, string>, address) => {
    expect(load(environment).publicUrl).toBe(address);
  });
});

describe("the price of a plan", () => {
  const plan = { vcpus: 1, memory_mib: 512, disk_gib: 10, kinds: ["server"] };

  it("is as it was written, or none", () => {
    const price = { amount: "5.00", currency: "USD", per: "month" };
    const { plans } = load({}, catalog({ plans: { priced: { ...plan, price }, free: plan } })).catalog;
    expect([plans["priced"]?.price, plans["free"]?.price]).toEqual([price, null]);
  });

  it.each([
    [{ amount: 5, currency: "USD", per: "month" }, /plans\.starter\.price\.amount: must be a decimal number in quotes/],
    [{ amount: "5.00", currency: "dollars", per: "month" }, /plans\.starter\.price\.currency: must be a currency code/],
  ])("%j stops the start", (price, message) => {
    expect(() => load({}, catalog({ plans: { starter: { ...plan, price } } }))).toThrow(message);
  });
});
