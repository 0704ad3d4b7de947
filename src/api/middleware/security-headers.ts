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

/** Answers are about one account at one moment: nothing in between may keep them. */
const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader("Cache-Control", "no-store");
  next();
};

export const securityHeaders: RequestHandler[] = [noStore, helmetHeaders];
