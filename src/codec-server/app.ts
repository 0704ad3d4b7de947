import express, { type ErrorRequestHandler, type Express, json, type RequestHandler } from "express";
import type { Logger } from "../telemetry/logger.ts";
import { type PayloadEncryption, UnreadablePayloadError } from "../temporal/payload-encryption.ts";
import { cors } from "./cors.ts";
import { requireOperatorKey } from "./operator-key.ts";
import { parsePayloads, showPayloads } from "./payload-json.ts";
import { requestLog } from "./request-log.ts";

/** A page of the UI sends all payloads of a history page at once; a single one is 2 MiB at most. */
const BODY_MAX_BYTES = 32 * 1024 * 1024;

export interface CodecAppOptions {
  codec: PayloadEncryption;
  operatorKey: string;
  /** Pages of these origins may ask. */
  origins: readonly string[];
  logger: Logger;
}

/**
 * Temporal's remote codec protocol: POST /encode and POST /decode with `{ payloads: [{ metadata, data }] }`, bytes in base64, answered alike. A failure
 * answers `{ message }`: 401 without the operator's key, 403 from a foreign page, 400 for what is no list of payloads or cannot be read.
 */
export function createCodecApp({ codec, operatorKey, origins, logger }: CodecAppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);

  app.use(requestLog(logger), noStore, cors(origins), requireOperatorKey(operatorKey));
  const body = json({ limit: BODY_MAX_BYTES });
  app.post("/encode", body, async (request, response) => {
    response.json(showPayloads(await codec.encode(parsePayloads(request.body))));
  });
  app.post("/decode", body, async (request, response) => {
    response.json(showPayloads(await codec.decode(parsePayloads(request.body))));
  });
  app.get("/", signedIn);
  app.use(unknownPath, errors(logger));
  return app;
}

/** The answers are what was encrypted. */
const noStore: RequestHandler = (_request, response, next) => {
  response.set({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
  next();
};

/** A browser that was asked for the key on this page sends it with the UI's requests, too: the UI itself cannot. */
const signedIn: RequestHandler = (_request, response) => {
  response.type("text/plain").send("Signed in. The Temporal UI can now decode, until this browser is closed.\n");
};

const unknownPath: RequestHandler = (request, response) => {
  const isKnown = ["/encode", "/decode"].includes(request.path);
  if (isKnown) response.set("Allow", "POST, OPTIONS");
  response.status(isKnown ? 405 : 404).json({ message: "there are POST /encode and POST /decode" });
};

function errors(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(thrown);
    } else if (thrown instanceof UnreadablePayloadError) {
      logger.warn({ reason: thrown.message }, "unreadable payload");
      response.status(400).json({ message: thrown.message });
    } else if (isClientError(thrown)) {
      // Not its message: the body parser quotes the body.
      response.status(thrown.status).json({ message: "the body must be JSON: { payloads: [{ metadata, data }] }" });
    } else {
      logger.error({ err: thrown }, "request failed");
      response.status(500).json({ message: "internal error" });
    }
  };
}

/** Errors of the body parser and of `parsePayloads`. */
function isClientError(thrown: unknown): thrown is Error & { status: number } {
  return thrown instanceof Error && "status" in thrown && Number(thrown.status) >= 400 && Number(thrown.status) < 500;
}
