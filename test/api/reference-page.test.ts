import { gunzipSync } from "node:zlib";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { PUBLIC_URL, startApi } from "./harness.ts";

/** As it goes over the wire: `fetch` would follow and unpack. */
async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await request(url, { headers });
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer()) };
}

describe("the reference page, before a browser looks at it", () => {
  it("is where / leads, and needs no key", async () => {
    const api = await startApi();
    expect(await get(`${api.url}/`)).toMatchObject({ status: 302, headers: { location: "/docs" } });
    const page = await get(`${api.url}/docs`);
    expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
    expect(api.services.authenticate).not.toHaveBeenCalled();
  });

  it("has a policy that lets in only what bears this answer's nonce", async () => {
    const api = await startApi();
    const [one, other] = [await get(`${api.url}/docs`), await get(`${api.url}/docs`)];
    const policies = [one, other].map(({ headers }) => String(headers["content-security-policy"]));
    const [nonce] = /(?<='nonce-)[^']+/.exec(policies[0]!)!;
    expect(policies[0]).toContain(`script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`);
    expect(policies[0]).toContain("default-src 'none'");
    expect(policies[0]).not.toContain("unsafe-eval");
    expect(policies[1]).not.toContain(nonce);
    const scripts = one.bytes.toString().match(/<script[^>]*>/g)!;
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
  });

  it("brings its own script, compressed for those who take it, to be kept for good", async () => {
    const api = await startApi();
    const page = (await get(`${api.url}/docs`)).bytes.toString();
    const [path] = /\/docs\/scalar\/[^"]+/.exec(page)!;
    const [plain, gzip] = [await get(api.url + path), await get(api.url + path, { "accept-encoding": "gzip" })];
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(plain.headers).toMatchObject({
      "cache-control": expect.stringContaining("immutable"),
      vary: "Accept-Encoding",
    });
  });

  it("leads from the docs_url of an error to its section; of no error, nowhere", async () => {
    const api = await startApi();
    const { body } = await api.request("GET", "/v1/servers", { apiKey: null });
    expect(body.error?.docs_url).toBe(`${PUBLIC_URL}/docs/errors/unauthorized`);
    const section = await get(`${api.url}/docs/errors/unauthorized`);
    expect(section).toMatchObject({ status: 302, headers: { location: "/docs#description/unauthorized" } });
    expect((await get(`${api.url}/docs/errors/nonsense`)).status).toBe(404);
    expect((await get(`${api.url}/docs/errors/toString`)).status).toBe(404);
  });
});

describe("GET /v1/openapi.json", () => {
  it("is the committed description with the address of this installation, without a key", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/v1/openapi.json", { apiKey: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ openapi: "3.1.1", servers: [{ url: PUBLIC_URL }] });
    expect(JSON.stringify(answer.body)).not.toContain("api.cloudnexus.com");
  });
});
