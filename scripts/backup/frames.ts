import { createHash } from "node:crypto";

/**
 * What a backup holds, before it is compressed and sealed: frames of a kind (1 byte), a length (4 bytes) and so many bytes. A section is its beginning, data in any number of
 * frames, and its end, which says how much it was.
 */

const KINDS = ["manifest", "begin", "data", "end", "totals"] as const;
type FrameKind = (typeof KINDS)[number];

interface Frame {
  kind: FrameKind;
  content: Buffer;
}

const HEAD_BYTES = 5;
/** No writer makes larger ones. */
const CONTENT_MAX_BYTES = 64 * 1024 * 1024;

interface SectionEnd {
  bytes: number;
  /** Hex. */
  sha256: string;
}

export function frame(kind: FrameKind, content: object | Buffer): Buffer {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(KINDS.indexOf(kind));
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The frames of a section. */
export async function* section(
  begin: object,
  content: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield frame("begin", begin);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.length;
    yield frame("data", chunk);
  }
  const end: SectionEnd = { bytes, sha256: hash.digest("hex") };
  yield frame("end", end);
}

/** The frames of a stream, however it is cut. Throws if it ends within one. */
async function* readFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES) {
      const length = rest.readUInt32BE(1);
      const kind = KINDS[rest.readUInt8()];
      if (kind === undefined || length > CONTENT_MAX_BYTES) throw new Error("it holds something else than a backup");
      if (rest.length < HEAD_BYTES + length) break;
      yield { kind, content: rest.subarray(HEAD_BYTES, HEAD_BYTES + length) };
      rest = rest.subarray(HEAD_BYTES + length);
    }
  }
  if (rest.length > 0) throw new Error("it ends too soon");
}

/** What becomes of a backup's content as it is read. */
export interface ContentReader {
  manifest(manifest: unknown): Promise<void>;
  /** Consumes the content of a section. */
  section(begin: unknown, content: AsyncIterable<Buffer>): Promise<void>;
}

/** Hands the frames to `reader` in their order, and returns the totals. Throws if a section is not what its end says, or there is no end. */
export async function readContent(source: AsyncIterable<Buffer>, reader: ContentReader): Promise<unknown> {
  const frames = readFrames(source);
  let totals: unknown;
  for (let next = await frames.next(); !next.done; next = await frames.next()) {
    const { kind, content } = next.value;
    if (kind === "manifest") await reader.manifest(parse(content));
    else if (kind === "begin") await reader.section(parse(content), sectionContent(frames));
    else if (kind === "totals") totals = parse(content);
    else throw new Error("it holds something else than a backup");
  }
  if (totals === undefined) throw new Error("it ends too soon");
  return totals;
}

async function* sectionContent(frames: AsyncGenerator<Frame>): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let bytes = 0;
  for (;;) {
    const next = await frames.next();
    if (next.done) throw new Error("it ends too soon");
    const { kind, content } = next.value;
    if (kind === "end") {
      const end = parse(content) as SectionEnd;
      if (end.bytes !== bytes || end.sha256 !== hash.digest("hex")) throw new Error("a part of it was altered");
      return;
    }
    if (kind !== "data") throw new Error("it holds something else than a backup");
    hash.update(content);
    bytes += content.length;
    yield content;
  }
}

function parse(content: Buffer): unknown {
  return JSON.parse(content.toString("utf8"));
}
