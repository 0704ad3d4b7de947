import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";

const REALM = 'realm="CloudNexus codec server"';
const CREDENTIALS = /^(Bearer|Basic) +([A-Za-z0-9._~+/=-]{1,1024})$/i;

/** Asks for the operator's key: as a bearer token, or as the password of Basic authentication (any user name), which is what browsers can send. */
export function requireOperatorKey(operatorKey: string): RequestHandler {
  const expected = digest(operatorKey);
  return (request, response, next) => {
    // Compared as digests: they have one length, and the time it takes says nothing about the key.
    if (timingSafeEqual(digest(keyIn(request.headers.authorization)), expected)) {
      next();
      return;
    }
    // A browser asks its user on a page of ours only: on a request of the UI the dialog would hold up the UI's page.
    const scheme = request.method === "GET" ? "Basic" : "Bearer";
    response.set("WWW-Authenticate", `${scheme} ${REALM}`);
    response.status(401).json({ message: "send the operator key as: Authorization: Bearer …" });
  };
}

/** Empty without one, which is nobody's key. */
function keyIn(authorization: string | undefined): string {
  const [, scheme = "", credentials = ""] = CREDENTIALS.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() !== "basic") return credentials;
  const pair = Buffer.from(credentials, "base64").toString();
  return pair.slice(pair.indexOf(":") + 1);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
