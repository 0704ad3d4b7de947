import { DISGUISES, type HostileText, kept, PAYLOADS, refused, UNPRINTABLES } from "./hostile-text.ts";
import { BARE_SECRETS, PRIVATE_KEYS } from "./private-keys.ts";

/** Texts for `name`, of whatever kind of resource. */
export const HOSTILE_NAMES: HostileText[] = [
  ...refused("must be 1-63 characters of a-z A-Z 0-9 . _ -, starting and ending with a letter or digit", {
    ...UNPRINTABLES,
    ...DISGUISES,
    ...PAYLOADS,
    "an OpenSSH private key": PRIVATE_KEYS["OpenSSH ed25519"] ?? "",
    "a private key on one line": PRIVATE_KEYS["PKCS #8 on one line"] ?? "",
    "a JSON Web Key": BARE_SECRETS["a JSON Web Key"] ?? "",
    nothing: "",
    "a space": " ",
    "spaces around": " web ",
    "a line end at the end": "web\n",
    dots: "..",
    "a hidden file": ".bashrc",
    "an option": "-rf",
    "a prototype": "__proto__",
    "a slash": "a/b",
    "a backslash": "a\\b",
    "an encoded slash": "a%2fb",
    "a wildcard": "*",
    "an address": "root@example.com",
    "letters of other languages": "données",
    emoji: "web-\u{1f600}",
    "64 characters": "n".repeat(64),
    "100,000 characters": "n".repeat(100_000),
  }),
  ...kept(innocent()),
];

/** What some language takes for something else than a text, or for a name of its own. */
function innocent(): Record<string, string> {
  const names = [
    "null",
    "true",
    "No",
    "0",
    "007",
    "0x1F",
    "1e3",
    "1_000",
    "12.50",
    "1.2.3.4",
    "2026-11-26",
    "NaN",
    "off",
    "y",
  ];
  const taken = ["constructor", "toString", "hasOwnProperty", "root", "localhost", "CON", "xn--e1afmkfd", "cn-abc"];
  const dotted = ["a..b", "a.-_.b", "a--b", "etc.passwd", "n".repeat(63)];
  return Object.fromEntries([...names, ...taken, ...dotted].map((name) => [`the word ${name}`, name]));
}
