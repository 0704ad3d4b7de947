import { assertInContract } from "./exchange.ts";

/** `fetch` for tests of the API: request and answer have to be as openapi/openapi.json describes them. */
export async function contractFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const { origin } = new URL(url);
  assertInContract({
    method: init.method ?? "GET",
    // As it was written: URL would tidy it up.
    path: url.slice(origin.length),
    requestHeaders: new Headers(init.headers ?? {}),
    requestBody: parsed(init.body),
    status: response.status,
    headers: response.headers,
    text: await response.clone().text(),
  });
  return response;
}

/** Null for what is no JSON. */
function parsed(body: RequestInit["body"]): unknown {
  if (body === undefined || body === null) return undefined;
  try {
    return JSON.parse(typeof body === "string" ? body : Buffer.from(body as Uint8Array).toString());
  } catch {
    return null;
  }
}
