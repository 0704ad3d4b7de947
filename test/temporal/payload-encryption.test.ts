import { randomBytes } from "node:crypto";
import { defaultPayloadConverter } from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { codecKeyId, PayloadEncryption, UnreadablePayloadError } from "../../src/temporal/payload-encryption.ts";

const [key, newKey] = [randomBytes(32), randomBytes(32)];
const codec = new PayloadEncryption([key]);
const VALUE = { serverId: "srv_a", addresses: ["10.88.0.10"] };

/** What an SDK would hand to the codec. */
function payloadOf(value: unknown) {
  return defaultPayloadConverter.toPayload(value);
}

async function open(by: PayloadEncryption, payloads: Awaited<ReturnType<PayloadEncryption["encode"]>>) {
  return (await by.decode(payloads)).map((payload) => defaultPayloadConverter.fromPayload<unknown>(payload));
}

describe("an encrypted payload", () => {
  it.each([[VALUE], ["text"], [undefined], [null], [new Uint8Array([0, 1, 255])]])("opens again: %j", async (value) => {
    const encrypted = await codec.encode([payloadOf(value)]);
    expect(await open(codec, encrypted)).toEqual([value]);
  });

  it("says its encoding and its key, and nothing of its content or of the encoding of that", async () => {
    const [payload] = await codec.encode([payloadOf(VALUE)]);
    const metadata = Object.entries(payload!.metadata ?? {}).map(([name, bytes]) => [name, String(bytes)]);
    expect(Object.fromEntries(metadata)).toEqual({
      encoding: "binary/encrypted",
      "encryption-key-id": codecKeyId(key),
    });
    expect(Buffer.from(payload!.data!).toString("latin1")).not.toMatch(/srv_a|json/);
  });

  it("looks different every time", async () => {
    const [first, second] = await codec.encode([payloadOf(VALUE), payloadOf(VALUE)]);
    expect(first!.data).not.toEqual(second!.data);
  });

  it("does not open with another key: the error names both", async () => {
    const failure = new PayloadEncryption([newKey]).decode(await codec.encode([payloadOf(VALUE)]));
    await expect(failure).rejects.toThrow(UnreadablePayloadError);
    await expect(failure).rejects.toThrow(
      `codec key "${codecKeyId(key)}", which is not configured; configured: ${codecKeyId(newKey)}`,
    );
  });

  it.each([0, 12, 28])("does not open when its byte %i was changed", async (index) => {
    const [payload] = await codec.encode([payloadOf(VALUE)]);
    payload!.data![index]! ^= 1;
    await expect(codec.decode([payload!])).rejects.toThrow("it was changed");
  });

  it("does not open when it was cut short", async () => {
    const [payload] = await codec.encode([payloadOf(VALUE)]);
    for (const length of [0, 5, 20]) {
      const cut = { ...payload, data: payload!.data!.subarray(0, length) };
      await expect(codec.decode([cut])).rejects.toThrow(UnreadablePayloadError);
    }
  });
});

describe("a rotated key", () => {
  const rotated = new PayloadEncryption([newKey, key]);

  it("encrypts with the new one and opens what the old one encrypted", async () => {
    const encrypted = await rotated.encode([payloadOf("new")]);
    expect(String(encrypted[0]!.metadata!["encryption-key-id"])).toBe(codecKeyId(newKey));
    expect(await open(rotated, [...encrypted, ...(await codec.encode([payloadOf("old")]))])).toEqual(["new", "old"]);
  });
});

describe("a payload that is not encrypted", () => {
  it("passes as it is", async () => {
    const payload = payloadOf(VALUE);
    expect(await codec.decode([payload, {}])).toEqual([payload, {}]);
  });
});
