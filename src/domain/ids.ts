/** Prefix of every public id, by what it names. */
export const ID_PREFIXES = {
  server: "srv",
  database: "db",
  sshKey: "key",
  apiKey: "ak",
  action: "act",
  auditEvent: "aud",
  certificateAuthority: "ca",
  account: "acc",
  request: "req",
} as const;

type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const RANDOM_CHARACTERS = 24;

/** A fresh unguessable id: prefix, underscore, 24 lower-case base32 characters (120 random bits). */
export function newId(kind: IdKind): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS));
  let random = "";
  for (const byte of bytes) random += ALPHABET.charAt(byte & 31);
  return `${ID_PREFIXES[kind]}_${random}`;
}

/** Whether `value` has the form of an id of this kind. It says nothing about its existence. */
export function isId(kind: IdKind, value: string): boolean {
  const prefix = `${ID_PREFIXES[kind]}_`;
  return value.startsWith(prefix) && /^[a-z2-7]{24}$/.test(value.slice(prefix.length));
}
