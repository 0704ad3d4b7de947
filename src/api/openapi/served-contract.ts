import { readFileSync } from "node:fs";
import { PUBLISHED_ADDRESS } from "./published-address.ts";

/** The committed description, with the address of this installation. Read once, at start. */
export function servedContract(publicUrl: string): string {
  const text = readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8");
  return JSON.stringify(JSON.parse(text)).replaceAll(PUBLISHED_ADDRESS, publicUrl);
}
