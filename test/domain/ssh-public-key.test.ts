import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { parseSshPublicKey } from "../../src/domain/ssh-public-key.ts";

/** Made for the run: no private key is kept in the repository. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudnexus-keys-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function makeKey(type: string, bits?: number): { privateKey: string; publicKey: string; fingerprint: string } {
  const file = join(mkdtempSync(join(folder, "key-")), type);
  const size = bits === undefined ? [] : ["-b", String(bits)];
  execFileSync("ssh-keygen", ["-q", "-t", type, ...size, "-N", "", "-C", "me@laptop", "-f", file]);
  const publicKey = readFileSync(`${file}.pub`, "utf8").trim();
  return { privateKey: readFileSync(file, "utf8"), publicKey, fingerprint: fingerprintOf(`${file}.pub`) };
}

/** Of no primes, whose search takes seconds: nobody signs with it, and no reader of a public key can tell. */
function makeRsaPublicKey(bits: number): { publicKey: string; fingerprint: string } {
  const modulus = randomBytes(bits / 8);
  modulus[0] = 0xc0;
  modulus[modulus.length - 1] = 0xff;
  const numbers = [Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0]), modulus])];
  const publicKey = `${keyLine("ssh-rsa", "ssh-rsa", ...numbers)} me@laptop`;
  const file = join(mkdtempSync(join(folder, "key-")), "rsa.pub");
  writeFileSync(file, publicKey);
  return { publicKey, fingerprint: fingerprintOf(file) };
}

function fingerprintOf(file: string): string {
  return execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ")[1] ?? "";
}

function issueWith(text: string): string {
  try {
    parseSshPublicKey(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe("validation_failed");
    expect(error.details).toHaveLength(1);
    expect(error.details[0]?.field).toBe("public_key");
    return error.details[0]?.issue ?? "";
  }
  throw new Error("the key was accepted");
}

/** An SSH wire field: length and bytes. */
function field(bytes: string | Buffer): Buffer {
  const content = Buffer.from(bytes as string, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function keyLine(type: string, ...fields: (string | Buffer)[]): string {
  return `${type} ${Buffer.concat(fields.map(field)).toString("base64")}`;
}

const ED25519 = Buffer.alloc(32, 7);

describe("keys that are accepted", () => {
  it.each([
    ["ed25519", undefined],
    ["ecdsa", 256],
    ["ecdsa", 384],
    ["ecdsa", 521],
    ["rsa", 3072],
    ["rsa", 4096],
  ])("%s %s, with the fingerprint that ssh-keygen prints", (type, bits) => {
    const { publicKey, fingerprint } = type === "rsa" ? makeRsaPublicKey(bits ?? 0) : makeKey(type, bits);
    expect(parseSshPublicKey(publicKey)).toEqual({
      type: publicKey.split(" ")[0],
      publicKey,
      fingerprint,
      comment: "me@laptop",
    });
  });

  it("keys on security tokens", () => {
    const ed25519 = keyLine("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", ED25519, "ssh:");
    expect(parseSshPublicKey(ed25519).type).toBe("sk-ssh-ed25519@openssh.com");
    const [, blob = ""] = makeKey("ecdsa", 256).publicKey.split(" ");
    const point = Buffer.from(blob, "base64").subarray(-65);
    const type = "sk-ecdsa-sha2-nistp256@openssh.com";
    expect(parseSshPublicKey(keyLine(type, type, "nistp256", point, "ssh:")).type).toBe(type);
  });

  it("spaces around and between are normalised, a comment of several words kept", () => {
    const line = keyLine("ssh-ed25519", "ssh-ed25519", ED25519);
    const parsed = parseSshPublicKey(`  ${line.replace(" ", "   ")}   my old  laptop `);
    expect(parsed.publicKey).toBe(`${line} my old laptop`);
    expect(parsed.comment).toBe("my old laptop");
    expect(parseSshPublicKey(line)).toMatchObject({ publicKey: line, comment: "" });
  });
});

describe("private keys", () => {
  it.each([["ed25519"], ["rsa"]])("%s: the issue says what it is and repeats nothing", (type) => {
    const { privateKey } = makeKey(type, type === "rsa" ? 2048 : 256);
    for (const text of [privateKey, privateKey.replaceAll("\n", " "), privateKey.replace(/-----.*?-----\n?/g, "")]) {
      const issue = issueWith(text);
      expect(issue).toContain("is a private key");
      for (const line of privateKey.split("\n").filter((part) => part.length > 20)) expect(issue).not.toContain(line);
    }
  });
});

describe("keys that are refused", () => {
  const good = keyLine("ssh-ed25519", "ssh-ed25519", ED25519);
  const [, blob = ""] = good.split(" ");

  it.each([
    ["nothing", "", "must be an OpenSSH public key"],
    ["prose", "hello world", "must be an OpenSSH public key"],
    ["two lines", `${good}\n${good}`, "one line"],
    ["a line end", `${good}\n`, "one line"],
    ["NUL", `${good} a\u0000b`, "one line"],
    ["options", `no-pty,command="ls" ${good}`, "options"],
    ["a type alone", "ssh-ed25519", "base64"],
    ["broken base64", `ssh-ed25519 ${blob.slice(0, -2)}!!`, "base64"],
    ["base64 with loose bits", `ssh-ed25519 ${blob}A`, "base64"],
    ["another type inside", keyLine("ssh-ed25519", "ssh-rsa", ED25519), "another type"],
    ["a name of an object's property", `constructor ${blob}`, "must be an OpenSSH public key"],
    ["bytes after the key", keyLine("ssh-ed25519", "ssh-ed25519", ED25519, "more"), "after the end"],
    ["a key cut off", keyLine("ssh-ed25519", "ssh-ed25519"), "cut off"],
    ["a length beyond the end", `ssh-ed25519 ${Buffer.from([255, 255, 255, 255]).toString("base64")}`, "cut off"],
    ["31 bytes of ed25519", keyLine("ssh-ed25519", "ssh-ed25519", ED25519.subarray(1)), "not a valid ed25519"],
    ["DSA", keyLine("ssh-dss", "ssh-dss", ED25519), "DSA"],
    ["a certificate", `ssh-ed25519-cert-v01@openssh.com ${blob}`, "certificate"],
    ["the SSH2 form", "---- BEGIN SSH2 PUBLIC KEY ----", "ssh-keygen -i"],
    ["a comment of 256 characters", `${good} ${"c".repeat(256)}`, "comment"],
    ["10,000 characters", `${good} ${"c".repeat(10_000)}`, "at most"],
    [
      "a token key without application",
      keyLine("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", ED25519, ""),
      "application",
    ],
  ])("%s", (_what, text, issue) => {
    expect(issueWith(text)).toContain(issue);
  });

  it("RSA below 3072 bits", () => {
    expect(issueWith(makeRsaPublicKey(2048).publicKey)).toContain("2048 bits; at least 3072");
  });

  it("RSA numbers that are negative, padded or even", () => {
    const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(384, 0xff)]);
    const exponent = Buffer.from([1, 0, 1]);
    expect(parseSshPublicKey(keyLine("ssh-rsa", "ssh-rsa", exponent, modulus)).type).toBe("ssh-rsa");
    const padded = Buffer.concat([Buffer.from([0]), exponent]);
    const even = Buffer.concat([modulus.subarray(0, -1), Buffer.from([0xfe])]);
    for (const [e, n] of [
      [exponent, modulus.subarray(1)],
      [padded, modulus],
      [exponent, even],
      [Buffer.from([2]), modulus],
    ]) {
      expect(issueWith(keyLine("ssh-rsa", "ssh-rsa", e ?? "", n ?? ""))).toContain("not a valid RSA");
    }
  });

  it("a point that is not on its curve, and another curve inside", () => {
    const point = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]);
    const type = "ecdsa-sha2-nistp256";
    expect(issueWith(keyLine(type, type, "nistp256", point))).toContain("not a valid nistp256");
    expect(issueWith(keyLine(type, type, "nistp384", point))).toContain("another curve");
  });
});
