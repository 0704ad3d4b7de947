import { DISGUISES, type HostileText, kept, PAYLOADS, refused, UNPRINTABLES } from "./hostile-text.ts";
import { PRIVATE_KEYS } from "./private-keys.ts";

/** Texts for the value of a label. */
export const HOSTILE_LABEL_VALUES: HostileText[] = [
  ...refused("must be a string of at most 255 characters, one line, without control characters", {
    ...UNPRINTABLES,
    "256 characters": "v".repeat(256),
    "a private key of many lines": PRIVATE_KEYS["OpenSSH ed25519"] ?? "",
  }),
  ...refused("is a private key", { "a private key on one line": PRIVATE_KEYS["PKCS #8 on one line"] ?? "" }),
  ...kept({
    ...PAYLOADS,
    ...DISGUISES,
    nothing: "",
    "255 characters": "v".repeat(255),
    "the name of a prototype": "__proto__",
    "a number in quotes": "1e999",
  }),
];

/** Texts for the key of a label. */
export const HOSTILE_LABEL_KEYS: HostileText[] = [
  ...refused("has a key that is not 1-63 characters of A-Z a-z 0-9 . _ / -", {
    ...UNPRINTABLES,
    nothing: "",
    "a space": "a b",
    "a prototype": "__proto__",
    "a path": "../etc",
    "an equals sign": "a=b",
    "a quote": "a'b",
    "a bidi override": "a\u202eb",
    "a homoglyph": "\u0430",
    "a template": "{{ key }}",
    "64 characters": "k".repeat(64),
    "a private key": PRIVATE_KEYS["PKCS #8 on one line"] ?? "",
  }),
  ...kept({
    "the word constructor": "constructor",
    "the word toString": "toString",
    "a path inside": "a/../../b",
    "a word of YAML": "null",
    "a word of cloud-init": "runcmd",
    "an index": "0",
  }),
];
