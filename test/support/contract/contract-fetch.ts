import { assertInContract } from "./exchange.ts";

/** `fetch` for tests of the API: request and answer have to be as openapi/openapi.json describes them. */
export async function contractFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await beginning(await fetch(url, init));
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

/** Of a stream, which has no end of its own, the first event; any other answer whole. Whoever wants more of a stream reads it with `followEvents`. */
async function beginning(response: Response): Promise<Response> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) return response;
  const { status, headers } = response;
  let text = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes("\n\n")) break;
  }
  return new Response(text, { status, headers });
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
