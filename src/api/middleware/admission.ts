import type { RequestHandler, Response } from "express";
import { DomainError } from "../../domain/domain-error.ts";

export interface AdmissionLimits {
  /** How many are worked on at once. More would not end sooner: each has its part in a transaction and in the start of a workflow. */
  atOnce: number;
  /** Who would have to wait longer than this for a place is refused at once. */
  maxWaitMs: number;
}

/** Whether a call needs a place. Reads are cheap, and whoever deletes makes room. */
export function needsPlace(method: string): boolean {
  return method === "post" || method === "patch";
}

/** The weight of the latest request in the mean time that one takes. */
const LATEST = 0.1;
/** Before any has ended. */
const FIRST_GUESS_MS = 100;

/**
 * Keeps what is accepted within what can be done: so many requests at once, the next ones in the order of their arrival, and those that would wait too long
 * are refused before any work goes into them. Without it an API that is asked for too much answers everybody late, until nobody waits for the answers any more.
 */
export function admission({ atOnce, maxWaitMs }: AdmissionLimits): RequestHandler {
  const waiting = new Set<() => void>();
  let underWay = 0;
  let meanMs = FIRST_GUESS_MS;

  const begin = (response: Response, next: () => void) => {
    const begunMs = performance.now();
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
      meanMs += LATEST * (performance.now() - begunMs - meanMs);
      const [first] = waiting;
      first?.();
    });
    next();
  };

  return (_request, response, next) => {
    if (underWay < atOnce) {
      begin(response, next);
      return;
    }
    const expectedMs = ((waiting.size + 1) * meanMs) / atOnce;
    if (expectedMs > maxWaitMs) throw new DomainError("overloaded");
    const enter = () => {
      waiting.delete(enter);
      response.off("close", leave);
      begin(response, next);
    };
    const leave = () => waiting.delete(enter);
    waiting.add(enter);
    response.once("close", leave);
  };
}
