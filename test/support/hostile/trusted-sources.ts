import { type HostileText, kept, PAYLOADS, refused, UNPRINTABLES } from "./hostile-text.ts";
import { PRIVATE_KEYS } from "./private-keys.ts";

/** Texts for an entry of `trusted_sources`. */
export const HOSTILE_TRUSTED_SOURCES: HostileText[] = [
  ...refused("must be an IPv4 CIDR block", {
    ...UNPRINTABLES,
    "a command substitution": PAYLOADS["a command substitution"] ?? "",
    "a rule of nftables": "10.0.0.0/8 } ; flush ruleset ;",
    "two blocks": "10.0.0.0/8,0.0.0.0/0",
    "a line end behind": "10.0.0.0/8\n",
    "a space in front": " 10.0.0.0/8",
    nothing: "",
    "an address without prefix": "10.0.0.1",
    "a prefix without address": "/8",
    "a prefix of 33": "10.0.0.0/33",
    "a negative prefix": "10.0.0.0/-1",
    "a netmask": "10.0.0.0/255.0.0.0",
    "three numbers": "10.0.0/8",
    "five numbers": "10.0.0.0.0/8",
    "a number of 256": "256.0.0.0/8",
    "an octal number": "010.0.0.0/8",
    "a hexadecimal number": "0x0a.0.0.0/8",
    "one number": "167772160/8",
    "fullwidth digits": "\uff11\uff10.0.0.0/8",
    "Arabic digits": "\u0661\u0660.0.0.0/8",
    "an ideographic full stop": "10\u30020.0.0/8",
    IPv6: "::/0",
    "IPv4 inside IPv6": "::ffff:10.0.0.0/104",
    "a range": "10.0.0.1-10.0.0.9",
    "a negation": "!10.0.0.0/8",
    "a name": "localhost",
    any: "any",
    "a URL": "http://10.0.0.0/8",
    "a private key": PRIVATE_KEYS["PKCS #8 on one line"] ?? "",
  }),
  ...refused("has bits set beyond its prefix", {
    "an address with a short prefix": "10.0.0.1/8",
    "anything with prefix 0": "10.0.0.0/0",
    "a prefix with a leading zero": "10.0.0.0/08",
  }),
  ...kept({ everybody: "0.0.0.0/0", "the highest address": "255.255.255.255/32", loopback: "127.0.0.0/8" }),
];
