import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { RequestHandler } from "express";

const NAME = "standalone-1.46.4.js";
/** The version is in the path, so that browsers may keep it for good. */
export const BUNDLE_PATH = `/docs/scalar/${NAME}`;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Scalar, which draws the page (vendor/scalar). It is read and compressed when it is first asked for: most processes are never asked. */
export function serveBundle(): RequestHandler {
  let files: { plain: Buffer; gzip: Buffer } | null = null;
  return (request, response) => {
    files ??= readBundle();
    const isGzip = Boolean(request.acceptsEncodings("gzip"));
    const bytes = isGzip ? files.gzip : files.plain;
    response.setHeader("Content-Type", "text/javascript; charset=utf-8");
    response.setHeader("Content-Length", bytes.length);
    response.setHeader("Cache-Control", `public, max-age=${YEAR_SECONDS}, immutable`);
    response.setHeader("Vary", "Accept-Encoding");
    if (isGzip) response.setHeader("Content-Encoding", "gzip");
    response.end(bytes);
  };
}

function readBundle(): { plain: Buffer; gzip: Buffer } {
  const plain = readFileSync(new URL(`../../../vendor/scalar/${NAME}`, import.meta.url));
  return { plain, gzip: gzipSync(plain) };
}
