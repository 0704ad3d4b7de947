import { DISGUISES, type HostileText, kept, PAYLOADS, refused, UNPRINTABLES } from "./hostile-text.ts";
import { BARE_SECRETS, PRIVATE_KEYS } from "./private-keys.ts";

/** An SSH wire field: length and bytes. */
function field(bytes: string | Buffer): Buffer {
  const content = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function blobOf(...fields: (string | Buffer)[]): string {
  return Buffer.concat(fields.map(field)).toString("base64");
}

let keys = 0;

/** 32 bytes that no other key of the table has. Whether they are a point of the curve is for whoever logs in to show. */
function freshBytes(): Buffer {
  return Buffer.from(String(++keys).padStart(32, "k"));
}

function fresh(): string {
  return `ssh-ed25519 ${blobOf("ssh-ed25519", freshBytes())}`;
}

const GOOD = fresh();
const BLOB = GOOD.split(" ")[1] ?? "";
const BYTES = freshBytes();
const MODULUS_3072 = Buffer.concat([Buffer.from([0]), Buffer.alloc(384, 0xff)]);
const EXPONENT = Buffer.from([1, 0, 1]);

function rsa(exponent: Buffer, modulus: Buffer): string {
  return `ssh-rsa ${blobOf("ssh-rsa", exponent, modulus)}`;
}

function modulusOf(bits: number): Buffer {
  return Buffer.concat([Buffer.from([0]), Buffer.alloc(bits / 8, 0xff)]);
}

function ecdsa(curve: string, point: Buffer, inside = curve): string {
  return `ecdsa-sha2-${curve} ${blobOf(`ecdsa-sha2-${curve}`, inside, point)}`;
}

function token(application: string): string {
  return `sk-ssh-ed25519@openssh.com ${blobOf("sk-ssh-ed25519@openssh.com", BYTES, application)}`;
}

function certificate(type: string): string {
  return `${type} ${blobOf(type, Buffer.alloc(32, 1), BYTES)}`;
}

/** A map with every text put somewhere. */
function each(texts: Record<string, string>, place: string, put: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([what, text]) => [`${what} ${place}`, put(text)]));
}

const IN_COMMENTS = each({ ...PAYLOADS, ...DISGUISES }, "in a comment", (text) => `${fresh()} ${text}`);

/** Texts for `public_key`. */
export const HOSTILE_PUBLIC_KEYS: HostileText[] = [
  ...refused("is a private key", {
    ...each(PRIVATE_KEYS, "as a private key", (text) => text),
    "a private key under a public one": `${GOOD}\n${PRIVATE_KEYS["OpenSSH ed25519"]}`,
    "a private key as the blob": `ssh-ed25519 ${PRIVATE_KEYS["without its armour, on one line"]}`,
    "a private key as the comment": `${GOOD} ${PRIVATE_KEYS["PKCS #8 on one line"]}`,
  }),
  ...refused("must be an OpenSSH public key of a type of", {
    ...BARE_SECRETS,
    nothing: "",
    spaces: "   ",
    prose: "my laptop's key",
    "a blob alone": BLOB,
    "a URL of keys": "https://github.com/somebody.keys",
    "a path": "/root/.ssh/id_ed25519.pub",
    "a type in capitals": `SSH-ED25519 ${BLOB}`,
    "a type in Cyrillic": `\u0455sh-ed25519 ${BLOB}`,
    "a fullwidth type": `\uff53\uff53\uff48-ed25519 ${BLOB}`,
    "a zero-width space in the type": `ssh-\u200bed25519 ${BLOB}`,
    "a no-break space behind the type": `ssh-ed25519\u00a0${BLOB}`,
    "an ideographic space behind the type": `ssh-ed25519\u3000${BLOB}`,
    "a type in quotes": `"ssh-ed25519" ${BLOB}`,
    "a name of a prototype": `__proto__ ${BLOB}`,
    "a name of an object's property": `constructor ${BLOB}`,
    "a signature algorithm as type": `rsa-sha2-512 ${BLOB}`,
    "an unknown type": `ssh-ed448 ${BLOB}`,
    "options alone": 'command="reboot",no-pty',
    "a comment line": `# ${BLOB}`,
    "a cloud-config": "#cloud-config",
    "a YAML tag": `!!python/object/apply:os.system ["reboot"]`,
    "a template": "{{ v1.instance_id }}",
    "a JSON object": '{"public_key":"ssh-ed25519"}',
  }),
  ...refused("options in front of it are not accepted", {
    command: `command="touch /root/pwned" ${GOOD}`,
    "command with a key in it": `command="ssh-ed25519 ${BLOB}" ${GOOD}`,
    from: `from="*.example.com,!10.0.0.0/8" ${GOOD}`,
    "no-pty": `no-pty ${GOOD}`,
    restrict: `restrict,pty ${GOOD}`,
    environment: `environment="LD_PRELOAD=/tmp/x.so" ${GOOD}`,
    permitopen: `permitopen="169.254.169.254:80" ${GOOD}`,
    tunnel: `tunnel="0" ${GOOD}`,
    principals: `principals="root" ${GOOD}`,
    "expiry-time": `expiry-time="19700101" ${GOOD}`,
    "cert-authority": `cert-authority ${GOOD}`,
    "a line of known_hosts": `@cert-authority * ${GOOD}`,
    "a host in front": `example.com ${GOOD}`,
  }),
  ...refused("must be one line without control characters", {
    ...each(UNPRINTABLES, "in a comment", (text) => `${GOOD} ${text}`),
    "a line end at the end": `${GOOD}\n`,
    "a second key": `${GOOD}\n${fresh()}`,
    "options on a second line": `${GOOD}\rcommand="reboot" ${fresh()}`,
    "a line end in the blob": `ssh-ed25519 ${BLOB.slice(0, 20)}\n${BLOB.slice(20)}`,
    "a tab between": `ssh-ed25519\t${BLOB}`,
    "NUL in the type": `ssh-ed25519\u0000 ${BLOB}`,
  }),
  ...refused("must be in OpenSSH's one-line form", {
    "a PEM public key": `-----BEGIN PUBLIC KEY-----\n${BLOB}\n-----END PUBLIC KEY-----`,
    "a PEM RSA public key": `-----BEGIN RSA PUBLIC KEY-----\n${BLOB}\n-----END RSA PUBLIC KEY-----`,
    "the SSH2 form": `---- BEGIN SSH2 PUBLIC KEY ----\n${BLOB}\n---- END SSH2 PUBLIC KEY ----`,
  }),
  ...refused("has no valid base64 after its type", {
    "a type alone": "ssh-ed25519",
    "options behind the type": `ssh-ed25519 no-pty ${BLOB}`,
    "base64 with padding that is not due": `ssh-ed25519 ${BLOB}=`,
    "base64 with four more =": `ssh-ed25519 ${BLOB}====`,
    "base64 without padding that is due": token("ssh:").replace(/=+$/, ""),
    "base64 of the URL alphabet": rsa(EXPONENT, MODULUS_3072).replaceAll("/", "_"),
    "= in the middle": `ssh-ed25519 ${BLOB.slice(0, 20)}=${BLOB.slice(21)}`,
    "a space in the blob": `ssh-ed25519 ${BLOB.slice(0, 21)} ${BLOB.slice(21)}`,
    "a loose letter": `ssh-ed25519 ${BLOB}A`,
    "a no-break space in the blob": `ssh-ed25519 ${BLOB.slice(0, 20)}\u00a0${BLOB.slice(20)}`,
    "fullwidth letters in the blob": `ssh-ed25519 \uff21${BLOB.slice(1)}`,
    "bits that are lost in decoding": token("ssh:").replace(/.(=*)$/, "9$1"),
    "a command substitution as the blob": "ssh-ed25519 $(reboot)",
  }),
  ...refused("names another type outside than inside its base64 part", {
    "RSA inside ed25519": `ssh-ed25519 ${blobOf("ssh-rsa", EXPONENT, MODULUS_3072)}`,
    "ed25519 inside RSA": `ssh-rsa ${BLOB}`,
    "NUL at the end of the inner type": `ssh-ed25519 ${blobOf("ssh-ed25519\u0000", BYTES)}`,
    "a certificate inside": `ssh-ed25519 ${blobOf("ssh-ed25519-cert-v01@openssh.com", BYTES)}`,
    "an empty inner type": `ssh-ed25519 ${blobOf("", BYTES)}`,
  }),
  ...refused("has bytes after the end of the key", {
    "bytes behind the key": `ssh-ed25519 ${blobOf("ssh-ed25519", BYTES, "more")}`,
    "a second key in the blob": `ssh-ed25519 ${blobOf("ssh-ed25519", BYTES, "ssh-ed25519", BYTES)}`,
    "an application behind a plain key": `ssh-ed25519 ${blobOf("ssh-ed25519", BYTES, "ssh:")}`,
  }),
  ...refused("is cut off", {
    "a key without its bytes": `ssh-ed25519 ${blobOf("ssh-ed25519")}`,
    "half a key": `ssh-ed25519 ${BLOB.slice(0, 40)}`,
    "a length of 4 GiB": `ssh-ed25519 ${Buffer.from([255, 255, 255, 255]).toString("base64")}`,
    "a token key without its application": `sk-ssh-ed25519@openssh.com ${blobOf("sk-ssh-ed25519@openssh.com", BYTES)}`,
  }),
  ...refused("is not a valid ed25519 key", {
    "31 bytes of ed25519": `ssh-ed25519 ${blobOf("ssh-ed25519", BYTES.subarray(1))}`,
    "64 bytes of ed25519, as a private one has": `ssh-ed25519 ${blobOf("ssh-ed25519", Buffer.alloc(64, 1))}`,
    "no byte of ed25519": `ssh-ed25519 ${blobOf("ssh-ed25519", "")}`,
  }),
  ...refused("at least 3072 are needed", {
    "RSA of 1024 bits": rsa(EXPONENT, modulusOf(1024)),
    "RSA of 2048 bits": rsa(EXPONENT, modulusOf(2048)),
    "RSA of 3064 bits": rsa(EXPONENT, modulusOf(3064)),
    "RSA of one bit": rsa(EXPONENT, Buffer.from([1])),
  }),
  ...refused("must be at most 8192 characters", {
    "RSA of 65,536 bits": rsa(EXPONENT, modulusOf(65_536)),
    "a comment of 10,000 characters": `${GOOD} ${"c".repeat(10_000)}`,
    "200,000 characters": "A".repeat(200_000),
  }),
  ...refused("at most 16384 are accepted", { "RSA of 16,392 bits": rsa(EXPONENT, modulusOf(16_392)) }),
  ...refused("is not a valid RSA key", {
    "a negative modulus": rsa(EXPONENT, Buffer.alloc(384, 0xff)),
    "a padded exponent": rsa(Buffer.concat([Buffer.from([0]), EXPONENT]), MODULUS_3072),
    "an even modulus": rsa(EXPONENT, Buffer.concat([MODULUS_3072.subarray(0, -1), Buffer.from([0xfe])])),
    "the exponent 1": rsa(Buffer.from([1]), MODULUS_3072),
    "an even exponent": rsa(Buffer.from([4]), MODULUS_3072),
    "no exponent": rsa(Buffer.alloc(0), MODULUS_3072),
  }),
  ...refused("is not a valid nistp256 key", {
    "a point beside the curve": ecdsa("nistp256", Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)])),
    "a compressed point": ecdsa("nistp256", Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 1)])),
    "the point at infinity": ecdsa("nistp256", Buffer.from([0])),
  }),
  ...refused("names another curve outside than inside", {
    "another curve inside": ecdsa("nistp256", Buffer.concat([Buffer.from([4]), Buffer.alloc(96, 1)]), "nistp384"),
  }),
  ...refused("is a DSA key", { "a DSA key": `ssh-dss ${blobOf("ssh-dss", MODULUS_3072)}` }),
  ...refused("is a certificate", {
    "a certificate of ed25519": certificate("ssh-ed25519-cert-v01@openssh.com"),
    "a certificate of RSA": certificate("ssh-rsa-cert-v01@openssh.com"),
    "a certificate of ECDSA": certificate("ecdsa-sha2-nistp256-cert-v01@openssh.com"),
    "a certificate of a token": certificate("sk-ssh-ed25519-cert-v01@openssh.com"),
  }),
  ...refused("names no application of its security key", {
    "a token key with an empty application": token(""),
    "a token key with a line end in its application": token("ssh:\nroot"),
    "a token key with NUL in its application": token("ssh:\u0000"),
  }),
  ...refused("has a comment of more than 255 characters", {
    "a comment of 256 characters": `${GOOD} ${"c".repeat(256)}`,
  }),
  ...kept({
    ...IN_COMMENTS,
    "a comment of 255 characters": `${fresh()} ${"c".repeat(255)}`,
    "a comment that is a key": `${fresh()} ${GOOD}`,
    "a comment that is a path": `${fresh()} /root/.ssh/authorized_keys2`,
    "a token key whose application is a command": token("ssh:$(touch /root/pwned)"),
  }),
  ...trimmed(),
];

/** Kept without what stands around it. */
function trimmed(): HostileText[] {
  const [marked, spaced] = [fresh(), fresh()];
  return [
    { what: "a byte-order mark in front", text: `\ufeff${marked}`, expected: { kept: marked } },
    {
      what: "spaces around and between",
      text: `  ${spaced.replace(" ", "   ")}   a    b `,
      expected: { kept: `${spaced} a b` },
    },
  ];
}
