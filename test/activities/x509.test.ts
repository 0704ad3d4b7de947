import { X509Certificate } from "node:crypto";
import { createServer, connect as tlsConnect } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import { issueCertificate, type KeyAndCertificate, makeAuthority } from "../../activities/x509.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const SUBJECT = { commonName: "db.example", dnsName: "db.example", ipv4: "127.0.0.1" };

let authority: KeyAndCertificate;
let leaf: KeyAndCertificate;
beforeAll(async () => {
  authority = await makeAuthority("Test CA", inDays(3650));
  leaf = await issueCertificate(authority, SUBJECT, inDays(400));
});

describe("a certificate", () => {
  it("names the server and its address, is signed by the authority and signs nothing itself", () => {
    const [certificate, ca] = [new X509Certificate(leaf.certificate), new X509Certificate(authority.certificate)];
    expect(certificate.checkHost("db.example")).toBe("db.example");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("127.0.0.2")).toBeUndefined();
    expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
    expect([ca.ca, certificate.ca]).toEqual([true, false]);
    expect(new Date(certificate.validTo).getTime() / 1000).toBe(Math.floor(leaf.notAfter.getTime() / 1000));
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
  });

  it("has a number of its own", async () => {
    const another = await issueCertificate(authority, SUBJECT, inDays(400));
    const numbers = [leaf, another].map(({ certificate }) => new X509Certificate(certificate).serialNumber);
    expect(new Set(numbers).size).toBe(2);
  });

  it.each([
    ["is taken by a client that verifies the address", true, undefined],
    ["is refused by a client that trusts another authority", false, "another"],
  ])("%s", async (_, isTaken, trusted) => {
    const ca = trusted ? (await makeAuthority("Test CA", inDays(10))).certificate : authority.certificate;
    const server = createServer({ cert: leaf.certificate, key: leaf.key, minVersion: "TLSv1.2" }, (socket) => {
      socket.on("error", () => undefined);
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const outcome = await new Promise<boolean>((resolve) => {
      const socket = tlsConnect({ host: "127.0.0.1", port, ca }, () => resolve(socket.authorized));
      socket.on("error", () => resolve(false));
    });
    server.close();
    expect(outcome).toBe(isTaken);
  });
});
