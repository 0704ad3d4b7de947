import { createHmac, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";

it("hashes a token with HMAC-SHA-256 under the newest pepper, and finds it under every one", () => {
  const [newest, older] = [randomBytes(32), randomBytes(32)];
  const under = (pepper: Buffer) => createHmac("sha256", pepper).update("token").digest("hex");
  const hasher = new ApiTokenHasher([newest, older]);
  expect(hasher.hash("token").tokenHash).toBe(under(newest));
  expect(hasher.everyHash("token")).toEqual([under(newest), under(older)]);
});
