import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const PREFIX = "cn_live_sk_";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 32 base62 characters: 190 random bits. */
const RANDOM_CHARACTERS = 32;
const CHECKSUM_CHARACTERS = 6;

/** The token of an API key: prefix, random part, and a CRC32 of the random part in base62, so that a typo shows without a look-up. */
export function newApiToken(): string {
  let random = "";
  for (let index = 0; index < RANDOM_CHARACTERS; index++) random += ALPHABET.charAt(randomInt(ALPHABET.length));
  return PREFIX + random + checksum(random);
}

/** Whether `token` has the form of one. Those given by hand (CLOUDNEXUS_BOOTSTRAP_API_KEY) have it too, and mostly no checksum. */
export function isApiToken(token: string): boolean {
  return /^cn_live_sk_[A-Za-z0-9]{32,128}$/.test(token);
}

/** False for what {@link newApiToken} can't have made: most likely it was mistyped. */
export function isChecksumRight(token: string): boolean {
  const end = token.length - CHECKSUM_CHARACTERS;
  return checksum(token.slice(PREFIX.length, end)) === token.slice(end);
}

/** The recognisable beginning of a token, safe to show. */
export function apiTokenHint(token: string): string {
  return `${token.slice(0, PREFIX.length + 4)}…`;
}

function checksum(text: string): string {
  let value = crc32(text);
  let encoded = "";
  for (let index = 0; index < CHECKSUM_CHARACTERS; index++) {
    encoded = ALPHABET.charAt(value % ALPHABET.length) + encoded;
    value = Math.floor(value / ALPHABET.length);
  }
  return encoded;
}
