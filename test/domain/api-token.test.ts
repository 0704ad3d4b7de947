import { describe, expect, it } from "vitest";
import { apiTokenHint, isApiToken, isChecksumRight, newApiToken } from "../../src/domain/api-token.ts";

describe("the checksum of an API key", () => {
  it("is right for every new one", () => {
    for (let n = 0; n < 1_000; n++) {
      const token = newApiToken();
      expect(isApiToken(token) && isChecksumRight(token)).toBe(true);
    }
  });

  it("finds every letter that was mistyped, left out or doubled, and every two neighbours swapped", () => {
    const token = newApiToken();
    for (let at = "cn_live_sk_".length; at < token.length; at++) {
      const [before, letter, after] = [token.slice(0, at), token.charAt(at), token.slice(at + 1)];
      const wrong = [before + (letter === "x" ? "y" : "x") + after, before + after, before + letter + letter + after];
      const swapped = before + after.charAt(0) + letter + after.slice(1);
      if (swapped !== token) wrong.push(swapped);
      for (const typo of wrong) expect(isChecksumRight(typo), typo).toBe(false);
    }
  });
});

it("shows four letters of its random part and no more", () => {
  const token = newApiToken();
  expect(apiTokenHint(token)).toBe(`${token.slice(0, "cn_live_sk_".length + 4)}…`);
});
