import { randomInt } from "node:crypto";

/** Seals and opens what is secret, bound to the row it belongs to. */
export interface Secrets {
  seal(plaintext: string, boundTo: string): string;
  open(box: string, boundTo: string): string;
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PASSWORD_CHARACTERS = 32;

/** 190 random bits in letters and digits: no engine, shell or URI has to escape anything. */
export function newPassword(): string {
  return Array.from({ length: PASSWORD_CHARACTERS }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join("");
}
