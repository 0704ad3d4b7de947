import type { Response } from "express";
import type { ErrorCode } from "../domain/error-codes.ts";
import { newId } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";

/** What is known about a request on its way through the middleware. */
export interface RequestState {
  requestId: string;
  /** `performance.now()` when it arrived. */
  startedAt: number;
  /** Pattern of the matched route; null for unknown paths. */
  route: string | null;
  principal: Principal | null;
  errorCode: ErrorCode | null;
  /** Whether the answer is a stream: it has no length, and its end is no end of a request's work. */
  isStream: boolean;
}

export function beginRequestState(response: Response): RequestState {
  const state: RequestState = {
    requestId: newId("request"),
    startedAt: performance.now(),
    route: null,
    principal: null,
    errorCode: null,
    isStream: false,
  };
  response.locals["state"] = state;
  return state;
}

export function requestState(response: Response): RequestState {
  return response.locals["state"] as RequestState;
}
