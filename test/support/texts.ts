import type { Payload, PayloadCodec } from "@temporalio/common";

/** Every text in a value, however deep; bytes are read as text. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString("utf8")];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** As {@link textsIn}, with every payload opened on the way: one that does not open is an error, since nothing could be said of it. */
export async function decodedTextsIn(value: unknown, codec: PayloadCodec): Promise<string[]> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return textsIn(value);
  if (isPayload(value)) return textsIn(await codec.decode([value]));
  const texts = await Promise.all(Object.values(value).map((part) => decodedTextsIn(part, codec)));
  return texts.flat();
}

function isPayload(value: object): value is Payload {
  return (value as Payload).metadata?.["encoding"] instanceof Uint8Array;
}
