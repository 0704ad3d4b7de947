import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { EngineTarget } from "../compute.ts";

/** How a client trusts an engine: by the region's authority alone, and by the address that the certificate names. */
export function tlsOf(target: EngineTarget) {
  return {
    ca: target.ca,
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    // Left to themselves, some libraries compare the certificate with no name at all where the host is an address.
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => checkServerIdentity(target.host, certificate),
  } as const;
}

/** OpenSSL's words for a certificate that will not be better next time. One that is not valid yet will be. */
const REFUSED_CERTIFICATE =
  /ERR_TLS_CERT_ALTNAME_INVALID|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_(SIGNATURE_FAILURE|HAS_EXPIRED|UNTRUSTED|REJECTED)|INVALID_(CA|PURPOSE)/;
/** Where a library puts a code of its own over OpenSSL's. */
const REFUSED_IN_WORDS =
  /certificate has expired|unable to (verify|get)\b.*certificate|self[- ]signed certificate|altnames/i;

/** Whether the connection failed over the server's certificate, however deep a library wraps it. */
export function isCertificateRefusal(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as NodeJS.ErrnoException;
    if (REFUSED_CERTIFICATE.test(code ?? "") || REFUSED_IN_WORDS.test(current.message)) return true;
  }
  return false;
}
