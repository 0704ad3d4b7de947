import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Identity {
  /** PEM. */
  certificate: string;
  /** PEM. */
  key: string;
  /** SHA-256 of the certificate's DER form, lower-case hexadecimal. */
  fingerprint: string;
}

/** A fresh self-signed certificate, as Incus and its clients use them. */
export async function selfSigned(commonName: string): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), "cn-cert-"));
  const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  try {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
    const subject = ["-subj", `/CN=${commonName}`, "-days", "2", "-out", certificateFile];
    await promisify(execFile)("openssl", ["req", "-x509", ...curve, ...subject]);
    const [certificate, key] = await Promise.all([readFile(certificateFile, "utf8"), readFile(keyFile, "utf8")]);
    const { raw } = new X509Certificate(certificate);
    return { certificate, key, fingerprint: createHash("sha256").update(raw).digest("hex") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
