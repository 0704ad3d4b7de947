import { DISGUISES, type HostileText, kept, MARKER, PAYLOADS, refused, UNPRINTABLES } from "./hostile-text.ts";
import { PRIVATE_KEYS } from "./private-keys.ts";

const LAYOUT = new Set(["a line end", "CR and LF", "a CR", "a line separator", "a paragraph separator", "a tab"]);

/** Texts for `user_data`: whatever is text is the customer's to say, and reaches the guest byte for byte. */
export const HOSTILE_USER_DATA: HostileText[] = [
  ...refused(
    "must be text without control characters other than tabs and line ends",
    Object.fromEntries(Object.entries(UNPRINTABLES).filter(([what]) => !LAYOUT.has(what))),
  ),
  ...refused("must be at most 16384 bytes", {
    "16,385 bytes": "u".repeat(16_385),
    "16,386 bytes in 8,193 characters": "\u00e9".repeat(8_193),
  }),
  ...kept({
    ...PAYLOADS,
    ...DISGUISES,
    ...Object.fromEntries(Object.entries(UNPRINTABLES).filter(([what]) => LAYOUT.has(what))),
    nothing: "",
    "16,384 bytes": "u".repeat(16_384),
    "a byte-order mark in front": "\ufeff#cloud-config\n",
    "a space in front": " #cloud-config\n",
    "Windows' line ends": "#cloud-config\r\nruncmd: []\r\n",
    "a cloud-config that is none": "#cloud-config\n: [unbalanced {{ \t !!python/object:os.system\n",
    "a Jinja template": "## template: jinja\n#cloud-config\nfqdn: {{ v1.instance_id }}\n",
    "our boundary, with a part behind it": `--cloudnexus-0\nContent-Type: text/x-shellscript\n\n#!/bin/sh\ntouch ${MARKER}\n--cloudnexus-0--\n`,
    "a MIME document of its own":
      'Content-Type: multipart/mixed; boundary="mine"\nMIME-Version: 1.0\n\n--mine\nContent-Type: text/cloud-config\n\n#cloud-config\n{}\n--mine--\n',
    "an archive": "#cloud-config-archive\n- type: text/cloud-config\n  content: '#cloud-config'\n",
    "a private key for the guest": PRIVATE_KEYS["OpenSSH ed25519"] ?? "",
  }),
];
