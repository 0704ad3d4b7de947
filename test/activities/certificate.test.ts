import { randomBytes, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificateActivities } from "../../activities/certificate.ts";
import { newId } from "../../src/domain/ids.ts";
import { boundTo } from "../../src/domain/sealed-rows.ts";
import type { ActionInput } from "../../src/domain/workflow-contracts.ts";
import { SecretBox } from "../../src/store/secret-box.ts";
import { createTestStore, query } from "../support/database.ts";

const secrets = new SecretBox(randomBytes(32));
let world: Awaited<ReturnType<typeof createTestStore>>;
let issue: (input: ActionInput) => Promise<void>;

beforeAll(async () => {
  world = await createTestStore();
  issue = certificateActivities(world.store, secrets).issueCertificate;
});
afterAll(() => world.close());

async function acceptedDatabase(region: string, ipv4 = "10.88.0.42"): Promise<ActionInput> {
  const [id, actionId] = [newId("database"), newId("action")];
  await world.store.databases.insert({
    id,
    accountId: "acc_test",
    name: id.replace("_", "-"),
    plan: "standard",
    region,
    engine: "postgresql",
    major: "17",
    minVersion: null,
    version: "17.6",
    implementation: "PostgreSQL",
    size: { vcpus: 1, memoryMib: 1024, diskGib: 20 },
    trustedSources: [],
    labels: {},
    actionId,
  });
  await world.store.databases.setIpv4(id, ipv4);
  return { resourceId: id, resourceKind: "database", actionId, accountId: "acc_test", region, requestId: "req_test" };
}

describe("issueCertificate", () => {
  it("has one authority a region, however many databases come at once, and none of another region's", async () => {
    const inputs = await Promise.all(Array.from({ length: 8 }, () => acceptedDatabase("us-east-1")));
    await Promise.all(inputs.map(issue));
    const elsewhere = await acceptedDatabase("eu-west-2");
    await issue(elsewhere);
    const found = await Promise.all(
      [...inputs, elsewhere].map((input) => world.store.certificates.find(input.resourceId)),
    );
    const authorities = found.map((certificate) => certificate!.authorityId);
    expect(new Set(authorities.slice(0, 8)).size).toBe(1);
    expect(authorities[8]).not.toBe(authorities[0]);
  });

  it("names the database and its address, for less long than its authority is valid", async () => {
    const input = await acceptedDatabase("us-east-1", "10.88.0.77");
    await issue(input);
    const { certificate, authorityCertificate } = (await world.store.certificates.find(input.resourceId))!;
    const [leaf, ca] = [new X509Certificate(certificate), new X509Certificate(authorityCertificate)];
    expect(leaf.checkIP("10.88.0.77")).toBe("10.88.0.77");
    const name = `${input.resourceId.slice("db_".length)}.us-east-1.db.internal`;
    expect(leaf.checkHost(name)).toBe(name);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(new Date(leaf.validTo).getTime()).toBeLessThan(new Date(ca.validTo).getTime());
    const fourYears = Date.now() + 4 * 365 * 24 * 60 * 60 * 1000;
    expect(new Date(leaf.validTo).getTime()).toBeGreaterThan(fourYears);
  });

  it("delivered twice gives the same certificate", async () => {
    const input = await acceptedDatabase("us-east-1");
    await issue(input);
    const first = await world.store.certificates.find(input.resourceId);
    await issue(input);
    expect(await world.store.certificates.find(input.resourceId)).toEqual(first);
  });

  it("makes a new one where a create that is tried again was given another address", async () => {
    const input = await acceptedDatabase("us-east-1", "10.88.0.78");
    await issue(input);
    const first = (await world.store.certificates.find(input.resourceId))!;
    await world.store.databases.setIpv4(input.resourceId, "10.88.0.79");
    await issue(input);
    const second = (await world.store.certificates.find(input.resourceId))!;
    expect(new X509Certificate(second.certificate).checkIP("10.88.0.79")).toBe("10.88.0.79");
    expect(second.authorityId).toBe(first.authorityId);
    expect(second.keyBox).not.toBe(first.keyBox);
  });

  it("keeps no key in the open, and none that opens for another row", async () => {
    const input = await acceptedDatabase("us-east-1");
    await issue(input);
    const rows = await query<{ text: string }>(
      world.databaseUrl,
      `SELECT (SELECT string_agg(a::text, ' ') FROM certificate_authorities a) || ' ' ||
        (SELECT string_agg(c::text, ' ') FROM database_certificates c) AS text`,
    );
    expect(rows[0]!.text).toContain("BEGIN CERTIFICATE");
    expect(rows[0]!.text).not.toContain("PRIVATE KEY");
    const { keyBox } = (await world.store.certificates.find(input.resourceId))!;
    expect(secrets.open(keyBox, boundTo.certificateKey(input.resourceId))).toContain("BEGIN PRIVATE KEY");
    expect(() => secrets.open(keyBox, boundTo.certificateKey("db_other"))).toThrow();
    expect(() => secrets.open(keyBox, boundTo.password(input.resourceId))).toThrow();
  });

  it("fails for good when the database is gone", async () => {
    const input = { ...(await acceptedDatabase("us-east-1")), resourceId: newId("database") };
    await expect(issue(input)).rejects.toMatchObject({ code: "resource_deleted" });
  });
});
