import { isUtf8 } from "node:buffer";
import { json, type Request, type RequestHandler } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import { LIMITS } from "../../domain/limits.ts";

const requireJson: RequestHandler = (request, _response, next) => {
  if (hasBody(request) && !request.is("application/json")) throw new DomainError("unsupported_media_type");
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new DomainError("unsupported_media_type", { publicText: "The request body must be sent uncompressed." });
  }
  next();
};

/** Not strict: that a body is an object is for its schema to demand, which says so better than a syntax error. */
const parseJson = json({
  limit: LIMITS.requestBodyMaxBytes,
  strict: false,
  type: () => true,
  verify: (_request, _response, bytes) => {
    // A decoder would put replacement characters where the bytes are wrong, and they would end up in names and rows.
    if (!isUtf8(bytes)) throw new DomainError("malformed_json", { publicText: "The request body is not valid UTF-8." });
  },
});

/** The parser would make an empty object of a body of no bytes, and a body that is missing could not be told from one that says nothing. */
const parseWhatIsThere: RequestHandler = (request, response, next) => {
  if (hasBody(request)) parseJson(request, response, next);
  else next();
};

/** Reads the body into `request.body`; undefined where there is none. */
export const jsonBody: RequestHandler[] = [requireJson, parseWhatIsThere];

function hasBody(request: Request): boolean {
  const length = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
