import type { Db } from "./connection.ts";
import type {
  CertificateAuthority as AuthorityRow,
  DatabaseCertificate as CertificateRow,
} from "./generated/client.ts";

/** The certificate authorities of the regions, and what they signed for databases. */
export class CertificateRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Of two that find a region without an authority, the second waits for the first's transaction, and then finds one. */
  async lockAuthorities(region: string): Promise<void> {
    await this.db
      .$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('certificate-authorities:' || ${region}, 0))`;
  }

  /** The region's latest authority that is valid until then; null if there is none. */
  async findAuthority(region: string, validUntil: Date): Promise<AuthorityRow | null> {
    return this.db.certificateAuthority.findFirst({
      where: { region, notAfter: { gte: validUntil } },
      orderBy: { notAfter: "desc" },
    });
  }

  async insertAuthority(authority: Omit<AuthorityRow, "createdAt">): Promise<AuthorityRow> {
    return this.db.certificateAuthority.create({ data: authority });
  }

  async insertIfMissing(certificate: CertificateRow): Promise<void> {
    await this.db.databaseCertificate.createMany({ data: [certificate], skipDuplicates: true });
  }

  /** The database's certificate, and the authority that signed it. */
  async find(databaseId: string): Promise<(CertificateRow & { authorityCertificate: string }) | null> {
    const certificate = await this.db.databaseCertificate.findUnique({ where: { databaseId } });
    if (!certificate) return null;
    const { authorityId: id } = certificate;
    const authority = await this.db.certificateAuthority.findUniqueOrThrow({ where: { id } });
    return { ...certificate, authorityCertificate: authority.certificate };
  }

  async delete(databaseId: string): Promise<void> {
    await this.db.databaseCertificate.deleteMany({ where: { databaseId } });
  }
}
