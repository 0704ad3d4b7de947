import { createHash } from "node:crypto";
import { stringify } from "yaml";

export interface GuestIdentity {
  hostname: string;
  publicKeys: string[];
  /** The customer's own cloud-init user data, in any form cloud-init takes (a `#cloud-config`, a `#!` script, MIME …). */
  userData: string | null;
}

export interface GuestNetwork {
  ipv4: string;
  prefixLength: number;
  gateway: string;
  nameservers: string[];
}

/**
 * The guest's user data. Ours is serialized from data, never from templates. The customer's part goes beside it as its own MIME part, so that neither can
 * break the other; on a setting that both make, theirs is merged after ours and wins.
 */
export function cloudInitUserData(guest: GuestIdentity): string {
  const ours = `#cloud-config\n${yaml({
    hostname: guest.hostname,
    disable_root: false,
    users: [{ name: "root", lock_passwd: true, ssh_authorized_keys: guest.publicKeys }],
  })}`;
  return guest.userData === null ? ours : multipart(ours, guest.userData);
}

/** Version 1 of cloud-init's network configuration: one static address on the first interface. */
export function cloudInitNetworkConfig(network: GuestNetwork): string {
  return yaml({
    version: 1,
    config: [
      {
        type: "physical",
        name: "eth0",
        subnets: [
          {
            type: "static",
            ipv4: true,
            address: `${network.ipv4}/${network.prefixLength}`,
            gateway: network.gateway,
            dns_nameservers: network.nameservers,
          },
        ],
      },
    ],
  });
}

/**
 * cloud-init reads YAML 1.1, in which `No`, `1_000` and `2026-11-26` are no texts: every text is quoted. Its parser refuses a document for a single character like U+FFFF, which would
 * cost the guest all its keys: whatever is not ASCII is escaped.
 */
function yaml(value: object): string {
  const text = stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 });
  return text.replace(/\P{ASCII}/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** Our part and the customer's, one after the other. */
function multipart(ours: string, theirs: string): string {
  // Neither base64 nor a text can hold its own hash.
  const boundary = `cloudnexus-${createHash("sha256").update(theirs).digest("hex")}`;
  const parts = [encodedPart("text/cloud-config", ours), isMime(theirs) ? theirs : encodedPart("text/plain", theirs)];
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "MIME-Version: 1.0",
    "",
    ...parts.map((part) => `--${boundary}\n${part}`),
    `--${boundary}--`,
    "",
  ].join("\n");
}

function encodedPart(contentType: string, document: string): string {
  return [
    `Content-Type: ${contentType}; charset="utf-8"`,
    "MIME-Version: 1.0",
    "Content-Transfer-Encoding: base64",
    "X-Merge-Type: list(append)+dict(recurse_array,no_replace)+str()",
    "",
    Buffer.from(document, "utf8").toString("base64"),
  ].join("\n");
}

/** What is MIME already is a part as it stands. Everything else goes as plain text, which cloud-init takes for what its first line says. */
function isMime(document: string): boolean {
  return /^(content-type: *multipart\/|mime-version:)/i.test(document);
}
