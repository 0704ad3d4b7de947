import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run.ts";

/** What a set-up request carries, all of it PEM. */
export interface ServerTls {
  certificate: string;
  key: string;
  ca: string;
}

/** A certificate for an address from an authority of its own, good for two days: for instances that are thrown away. */
export async function makeServerTls(address: string): Promise<ServerTls> {
  const folder = await mkdtemp(join(tmpdir(), "cloudnexus-tls-"));
  const file = (name: string) => join(folder, name);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  try {
    await run("openssl", [
      ...["req", "-x509", ...curve, "-days", "2", "-subj", "/CN=CloudNexus test authority"],
      ...["-keyout", file("ca.key"), "-out", file("ca.crt")],
    ]);
    await run("openssl", [
      ...["req", ...curve, "-subj", `/CN=${address}`, "-keyout", file("server.key"), "-out", file("server.csr")],
    ]);
    await writeFile(file("extensions"), `subjectAltName=IP:${address}\nextendedKeyUsage=serverAuth\n`);
    await run("openssl", [
      ...["x509", "-req", "-in", file("server.csr"), "-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-days", "2"],
      ...["-set_serial", `0x${randomBytes(8).toString("hex")}`, "-extfile", file("extensions")],
      ...["-out", file("server.crt")],
    ]);
    const [certificate, key, ca] = await Promise.all(
      ["server.crt", "server.key", "ca.crt"].map((name) => readFile(file(name), "utf8")),
    );
    return { certificate: certificate ?? "", key: key ?? "", ca: ca ?? "" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
