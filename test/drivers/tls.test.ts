import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createIncusDriver, type IncusRegionOptions } from "../../src/drivers/incus/driver.ts";
import { type Identity, selfSigned } from "./certificates.ts";
import { failure } from "./contract.ts";
import { sync } from "./request-script.ts";

let serverIdentity: Identity;
let client: Identity;
let server: Server;
let region: IncusRegionOptions;
/** Fingerprint of the client behind each request that arrived. */
let arrived: (string | undefined)[] = [];

beforeAll(async () => {
  [serverIdentity, client] = await Promise.all([selfSigned("incus.example"), selfSigned("cloudnexus")]);
  const tls = {
    cert: serverIdentity.certificate,
    key: serverIdentity.key,
    requestCert: true,
    rejectUnauthorized: false,
  };
  server = createServer(tls, (request, response) => {
    const { fingerprint256 } = (request.socket as TLSSocket).getPeerCertificate();
    arrived.push(fingerprint256.replaceAll(":", "").toLowerCase());
    response.end(JSON.stringify(sync({ name: "debian", target: "f00d" })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  region = {
    region: "eu-west-2",
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    project: "p",
    network: "br0",
    storagePool: "fast",
    gateway: "10.89.0.1",
    prefixLength: 24,
  };
  return () => {
    server.closeAllConnections();
    server.close();
  };
});

beforeEach(() => {
  arrived = [];
});

function pinnedTo(serverFingerprint: string) {
  const tls = { clientCertificate: client.certificate, clientKey: client.key, serverFingerprint };
  return createIncusDriver({ ...region, tls });
}

test("the pinned server is talked to, with the client's certificate", async () => {
  const driver = pinnedTo(serverIdentity.fingerprint);
  expect(await driver.findImage("debian")).toMatchObject({ fingerprint: "f00d" });
  expect(arrived).toEqual([client.fingerprint]);
  await driver.close();
});

test("a fingerprint may be written with colons and capitals", async () => {
  const written = serverIdentity.fingerprint.toUpperCase().match(/../g)?.join(":") ?? "";
  const driver = pinnedTo(written);
  await expect(driver.findImage("debian")).resolves.toBeDefined();
  await driver.close();
});

test("many connections at once are each checked", async () => {
  const driver = pinnedTo(serverIdentity.fingerprint);
  await Promise.all(Array.from({ length: 20 }, () => driver.findImage("debian")));
  expect(new Set(arrived)).toEqual(new Set([client.fingerprint]));
  await driver.close();
});

test.each([
  ["another certificate's", () => client.fingerprint],
  ["an empty", () => ""],
])("with %s fingerprint not one request is sent, and the error says which one was seen", async (_what, fingerprint) => {
  const driver = pinnedTo(fingerprint());
  await expect(driver.findImage("debian")).rejects.toMatchObject({
    ...failure("infrastructure_unauthorized", false),
    message: expect.stringContaining(serverIdentity.fingerprint),
  });
  expect(arrived).toEqual([]);
  await driver.close();
});

test("an endpoint that does not speak TLS is a permanent error", async () => {
  const { createServer: createPlainServer } = await import("node:http");
  const plain = createPlainServer((_request, response) => response.end());
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const tls = { clientCertificate: client.certificate, clientKey: client.key, serverFingerprint: "00" };
  const endpoint = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  const driver = createIncusDriver({ ...region, endpoint, tls });
  await expect(driver.findImage("debian")).rejects.toMatchObject(failure("infrastructure_unauthorized", false));
  await driver.close();
  plain.close();
});

test("https without a client certificate, and an unknown scheme, are refused when the driver is made", () => {
  expect(() => createIncusDriver(region)).toThrow("needs tls");
  expect(() => createIncusDriver({ ...region, endpoint: "http://127.0.0.1:8443" })).toThrow("neither unix");
});
