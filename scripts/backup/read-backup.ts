import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type ContentReader, readContent } from "./frames.ts";
import { type Manifest, manifestSchema, type Section, sectionSchema, type Totals, totalsSchema } from "./manifest.ts";
import { type Head, opening, proofLength } from "./sealing.ts";

const HEAD_MAX_BYTES = 4_096;

interface BackupReader {
  manifest(manifest: Manifest): Promise<void>;
  /** Consumes the content. */
  section(section: Section, content: AsyncIterable<Buffer>): Promise<void>;
}

export interface OpenedBackup {
  /** Fails with one line if the file is not whole, or not as it was written. */
  verify(): Promise<void>;
  read(reader: BackupReader): Promise<Totals>;
}

/** Opens a backup. Whatever is wrong with it is an error of one line that says so; nothing of its content is in it. */
export async function openBackup(file: string, passphrase: string | null): Promise<OpenedBackup> {
  const size = await sizeOf(file);
  const { line, head } = await readHead(file);
  const bodyEnd = size - proofLength(head);
  if (bodyEnd <= line.length) throw new Error(`${file}: it is truncated`);
  const proof = await readAt(file, bodyEnd, proofLength(head));
  const open = await named(file, () => Promise.resolve(opening({ line, head, proof }, passphrase)));
  const body = () => createReadStream(file, { start: line.length, end: bodyEnd - 1 });
  return {
    verify: () => named(file, () => pipeline(body(), open, nowhere())),
    read: (reader) =>
      named(file, () =>
        pipeline(body(), open, createGunzip(), async (source: AsyncIterable<Buffer>) =>
          totalsSchema.parse(await readContent(source, parsing(reader))),
        ),
      ),
  };
}

function parsing(reader: BackupReader): ContentReader {
  return {
    manifest: (manifest) => reader.manifest(manifestSchema.parse(manifest)),
    section: (begin, content) => reader.section(sectionSchema.parse(begin), content),
  };
}

async function readHead(file: string): Promise<{ line: Buffer; head: Head }> {
  const start = await readAt(file, 0, HEAD_MAX_BYTES);
  const end = start.indexOf("\n");
  let head: Partial<Head> = {};
  try {
    head = JSON.parse(start.toString("utf8", 0, Math.max(0, end))) as Partial<Head>;
  } catch {
    // Told below.
  }
  if (head.format !== "cloudnexus-backup") throw new Error(`${file}: it is no backup of CloudNexus`);
  if (head.version !== 1) throw new Error(`${file}: it was made by a newer CloudNexus`);
  return { line: start.subarray(0, end + 1), head: head as Head };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    throw new Error(`${file}: there is no such file`);
  }
}

async function readAt(file: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
