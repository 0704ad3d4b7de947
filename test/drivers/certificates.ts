import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** A fresh self-signed certificate, as Incus and its clients use them. */
export async function selfSigned(commonName: string): Promise<Identity> {
  return await inFolder(async (folder) => {
    await openssl(folder, ["req", "-x509", ...CURVE, "-keyout", "key.pem", ...named(commonName), "-out", "leaf.pem"]);
    return await identityIn(folder);
  });
}

/** A certificate for an address, signed by an authority, with its key as PKCS8. */
export async function certified(authority: Identity, ipv4: string): Promise<Identity> {
  return await inFolder(async (folder) => {
    await writeFile(join(folder, "ca.pem"), authority.certificate);
    await writeFile(join(folder, "ca.key"), authority.key);
    await writeFile(join(folder, "names"), `subjectAltName=IP:${ipv4}\n`);
    await openssl(folder, ["req", ...CURVE, "-keyout", "key.pem", "-subj", "/CN=engine", "-out", "leaf.csr"]);
    const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    await openssl(folder, ["x509", "-req", "-in", "leaf.csr", ...signing, "-days", "2", "-out", "leaf.pem"]);
    return await identityIn(folder);
  });
}

function named(commonName: string): string[] {
  return ["-subj", `/CN=${commonName}`, "-days", "2"];
}

async function openssl(folder: string, args: string[]): Promise<void> {
  await promisify(execFile)("openssl", args, { cwd: folder });
}

async function identityIn(folder: string): Promise<Identity> {
  const read = (name: string) => readFile(join(folder, name), "utf8");
  const [certificate, key] = await Promise.all([read("leaf.pem"), read("key.pem")]);
  const { raw } = new X509Certificate(certificate);
  return { certificate, key, fingerprint: createHash("sha256").update(raw).digest("hex") };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "cn-cert-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
