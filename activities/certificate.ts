import { X509Certificate } from "node:crypto";
import { DomainError } from "../src/domain/domain-error.ts";
import { newId } from "../src/domain/ids.ts";
import { boundTo } from "../src/domain/sealed-rows.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Repositories, Store } from "../src/store/store.ts";
import type { Secrets } from "./secrets.ts";
import { whileRunning } from "./while-running.ts";
import { issueCertificate, makeAuthority } from "./x509.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A database keeps its certificate for life, and is not told of a new one: docs/decisions.md. */
const CERTIFICATE_DAYS = 5 * 365;
const AUTHORITY_DAYS = 10 * 365;

export function certificateActivities(store: Store, secrets: Secrets) {
  return {
    /** Signs a certificate for the database's name and address, with the region's authority, which the first database of a region makes. */
    async issueCertificate(input: ActionInput): Promise<void> {
      await store.transaction(async ({ databases, certificates }) => {
        const database = await databases.lock(input.resourceId);
        if (!database || database.ipv4 === null) throw new DomainError("resource_deleted");
        const known = await certificates.find(input.resourceId);
        if (known && new X509Certificate(known.certificate).checkIP(database.ipv4)) return;
        // Of an earlier create, which had another address.
        if (known) await certificates.delete(input.resourceId);
        const notAfter = new Date(Date.now() + CERTIFICATE_DAYS * DAY_MS);
        const authority = await authorityOf(certificates, secrets, input.region, notAfter);
        const dnsName = dnsNameOf(input);
        const subject = { commonName: dnsName, dnsName, ipv4: database.ipv4 };
        const { certificate, key } = await issueCertificate(authority, subject, notAfter);
        await certificates.insertIfMissing({
          databaseId: input.resourceId,
          authorityId: authority.id,
          certificate,
          keyBox: secrets.seal(key, boundTo.certificateKey(input.resourceId)),
          notAfter,
        });
      });
    },

    async discardCertificate(input: ActionInput): Promise<void> {
      if (await store.actions.isCreateOfUsed(input.actionId)) return;
      await whileRunning(store, input, ({ certificates }) => certificates.delete(input.resourceId));
    },
  };
}

async function authorityOf(
  certificates: Repositories["certificates"],
  secrets: Secrets,
  region: string,
  validUntil: Date,
): Promise<{ id: string; certificate: string; key: string }> {
  await certificates.lockAuthorities(region);
  const known = await certificates.findAuthority(region, validUntil);
  if (known) return { ...known, key: secrets.open(known.keyBox, boundTo.authorityKey(known.id)) };

  const id = newId("certificateAuthority");
  const notAfter = new Date(Date.now() + AUTHORITY_DAYS * DAY_MS);
  const { certificate, key } = await makeAuthority(`CloudNexus ${region} database CA`, notAfter);
  const keyBox = secrets.seal(key, boundTo.authorityKey(id));
  await certificates.insertAuthority({ id, region, certificate, keyBox, notAfter });
  return { id, certificate, key };
}

/** In no public DNS; for customers who name the address themselves, in their own DNS or hosts file. */
function dnsNameOf({ resourceId, region }: ActionInput): string {
  return `${resourceId.slice("db_".length)}.${region}.db.internal`;
}
