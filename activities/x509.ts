import "reflect-metadata";
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface KeyAndCertificate {
  /** PEM. */
  certificate: string;
  /** PKCS #8 in PEM. */
  key: string;
  notAfter: Date;
}

export interface CertificateSubject {
  commonName: string;
  dnsName: string;
  ipv4: string;
}

const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const SERIAL_BYTES = 16;
/** Guests whose clock is a little behind accept it too. */
const BACKDATED_MS = 60 * 60 * 1000;

/** An authority that may sign certificates of servers, and no further authorities. */
export async function makeAuthority(commonName: string, notAfter: Date): Promise<KeyAndCertificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [commonName] }],
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter,
    signingAlgorithm: ECDSA_P256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: exportKey(keys.privateKey), notAfter };
}

/** A server's certificate, for its name and its address. */
export async function issueCertificate(
  authority: Pick<KeyAndCertificate, "certificate" | "key">,
  subject: CertificateSubject,
  notAfter: Date,
): Promise<KeyAndCertificate> {
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: [subject.commonName] }],
    issuer: issuer.subjectName,
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter,
    signingAlgorithm: ECDSA_P256,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: subject.dnsName },
        { type: "ip", value: subject.ipv4 },
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: exportKey(keys.privateKey), notAfter };
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ECDSA_P256, true, ["sign", "verify"]);
}

function exportKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }) as string;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", key, ECDSA_P256, false, ["sign"]);
}

/** Random and positive: two authorities of a region have the same name, so what they sign must differ in its number. */
function newSerialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString("hex");
}
