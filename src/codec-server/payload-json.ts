import type { Payload } from "@temporalio/common";
import { z } from "zod";

/** Payloads as JSON has them: bytes in base64, of either alphabet. */
const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]*={0,2}$/)
  .transform((text) => Buffer.from(text, "base64"));
const payload = z.object({
  metadata: z
    .record(z.string(), base64)
    .nullish()
    .transform((metadata) => metadata ?? {}),
  data: base64.nullish().transform((data) => data ?? Buffer.alloc(0)),
});
/** No payloads are an empty object: that is how protobuf writes an empty list, and what the CLI sends for one. */
const payloadsSchema = z.object({
  payloads: z
    .array(payload)
    .nullish()
    .transform((payloads) => payloads ?? []),
});

/** Throws an error with `status` 400 on anything but a list of payloads. */
export function parsePayloads(body: unknown): Payload[] {
  const parsed = payloadsSchema.safeParse(body);
  if (!parsed.success) throw Object.assign(new Error("not a list of payloads"), { status: 400 });
  return parsed.data.payloads;
}

export function showPayloads(payloads: Payload[]): object {
  return { payloads: payloads.map(showPayload) };
}

function showPayload({ metadata, data }: Payload): object {
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, toBase64(bytes)])),
    data: toBase64(data ?? new Uint8Array()),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
