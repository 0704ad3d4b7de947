import type { RequestHandler } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import { requestState } from "../request-state.ts";

/** The last handler of a path: what gets here is a method it does not have. */
export function methodNotAllowed(path: string, methods: readonly string[]): RequestHandler {
  const names = methods.map((method) => method.toUpperCase());
  const allow = [...new Set([...names, ...(names.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].join(", ");
  return (request, response) => {
    requestState(response).route = path;
    response.setHeader("Allow", allow);
    if (request.method !== "OPTIONS") throw new DomainError("method_not_allowed");
    response.statusCode = 204;
    response.end();
  };
}

/** The last handler of all. */
export const unknownPath: RequestHandler = () => {
  throw new DomainError("not_found", { publicText: "There is no such path in this API." });
};
