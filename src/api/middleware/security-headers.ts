import { type IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import helmet from "helmet";

/** What Helmet has for answers that no browser renders: nothing may be loaded or framed, types are not guessed, and the connection stays encrypted. The rest of its headers is about pages. */
const helmetHeaders = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  // Express is told not to send it in the first place (app.ts).
  xPoweredBy: false,
  xXssProtection: false,
});

/** Helmet's headers are the same for every answer: it is asked once, for an answer that is never sent, instead of running its five handlers each time. */
function headersOfEveryAnswer(): [name: string, value: string][] {
  const never = new ServerResponse({ method: "GET" } as IncomingMessage);
  helmetHeaders({} as IncomingMessage, never, (error) => {
    if (error !== undefined) throw error as Error;
  });
  const byHelmet = never.getHeaderNames().map((name): [string, string] => [name, String(never.getHeader(name))]);
  // Answers are about one account at one moment: nothing in between may keep them.
  return [["Cache-Control", "no-store"], ...byHelmet];
}

const HEADERS = headersOfEveryAnswer();

export const securityHeaders: RequestHandler = (_request, response, next) => {
  for (const [name, value] of HEADERS) response.setHeader(name, value);
  next();
};
