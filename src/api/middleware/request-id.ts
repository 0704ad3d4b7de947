import type { RequestHandler } from "express";
import { beginRequestState } from "../request-state.ts";

/** Every answer carries an id of our own making. A client's X-Request-Id is not taken over: it could be anybody else's. */
export const requestId: RequestHandler = (_request, response, next) => {
  response.setHeader("X-Request-Id", beginRequestState(response).requestId);
  next();
};
