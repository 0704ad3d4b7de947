/** Prefix of every public id, by what it names. */
export const ID_PREFIXES = {
  server: "srv",
  database: "db",
  sshKey: "key",
  apiKey: "ak",
  apiKeyToken: "tok",
  action: "act",
  event: "evt",
  auditEvent: "aud",
  audit: "adt",
  retry: "rty",
  hold: "hld",
  certificateAuthority: "ca",
  account: "acc",
  request: "req",
} as const;

type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const RANDOM_CHARACTERS = 24;

/** Random bytes for the next ids: the system is asked for many at once, since every request has an id and each call costs as much. */
const pool = new Uint8Array(RANDOM_CHARACTERS * 128);
let used = pool.length;

/** A fresh unguessable id: prefix, underscore, 24 lower-case base32 characters (120 random bits). */
export function newId(kind: IdKind): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  let random = "";
  for (const byte of pool.subarray(used, used + RANDOM_CHARACTERS)) random += ALPHABET.charAt(byte & 31);
  used += RANDOM_CHARACTERS;
  return `${ID_PREFIXES[kind]}_${random}`;
}

/** Whether `value` has the form of an id of this kind. It says nothing about its existence. */
export function isId(kind: IdKind, value: string): boolean {
  const prefix = `${ID_PREFIXES[kind]}_`;
  return value.startsWith(prefix) && /^[a-z2-7]{24}$/.test(value.slice(prefix.length));
}
