import { describe, expect, it } from "vitest";
import type { Server } from "../../src/domain/server.ts";
import { contractIssues, type Exchange } from "../support/contract/exchange.ts";
import { startApi } from "./harness.ts";
import { SERVER } from "./services-double.ts";

/** An exchange that is in order, as it goes over the wire. */
async function recorded(): Promise<Exchange> {
  const api = await startApi();
  const body = { name: "web-01", plan: "pro", region: "us-east-1" };
  const answer = await api.request("POST", "/v1/servers", { body });
  return {
    method: "POST",
    path: "/v1/servers",
    requestHeaders: new Headers(),
    requestBody: body,
    status: answer.status,
    headers: answer.headers,
    text: JSON.stringify(answer.body),
  };
}

function withData(exchange: Exchange, change: object): Exchange {
  const body = JSON.parse(exchange.text) as { data: object };
  return { ...exchange, text: JSON.stringify({ ...body, data: { ...body.data, ...change } }) };
}

function withHeaders(exchange: Exchange, change: (headers: Headers) => void): Exchange {
  const headers = new Headers(exchange.headers);
  change(headers);
  return { ...exchange, headers };
}

function failure(exchange: Exchange, status: number, code: string): Exchange {
  const { meta } = JSON.parse(exchange.text) as { meta: object };
  const error = { code, message: "no", details: [], docs_url: "https://cloud.example.com/docs" };
  const text = JSON.stringify({ status: "error", error, meta });
  return withHeaders({ ...exchange, status, text }, (headers) => headers.delete("location"));
}

describe("the check of every exchange against openapi/openapi.json", () => {
  it("finds nothing where there is nothing to find", async () => {
    const exchange = await recorded();
    expect(contractIssues(exchange)).toEqual([]);
    expect(contractIssues(failure(exchange, 409, "name_taken"))).toEqual([]);
  });

  it.each<[string, (exchange: Exchange) => Exchange, RegExp]>([
    ["a status", (e) => ({ ...e, status: 206 }), /status 206 is not described/],
    ["a field", (e) => withData(e, { password: "x" }), /additional properties.*password/],
    ["a missing field", (e) => withData(e, { ipv4: undefined }), /required property 'ipv4'/],
    ["another type", (e) => withData(e, { labels: { a: 1 } }), /labels\/a must be string/],
    ["a word that is none of those", (e) => withData(e, { status: "exploded" }), /status must be equal to one of/],
    ["a time that is none", (e) => withData(e, { created_at: "yesterday" }), /format "date-time"/],
    ["a header", (e) => withHeaders(e, (h) => h.set("x-secret", "1")), /header x-secret is not described/],
    ["a missing header", (e) => withHeaders(e, (h) => h.delete("location")), /header location is missing/],
    ["a missing request id", (e) => withHeaders(e, (h) => h.delete("x-request-id")), /header x-request-id is missing/],
    ["a content type", (e) => withHeaders(e, (h) => h.set("content-type", "text/html")), /text\/html is not described/],
    ["a code of another call", (e) => failure(e, 409, "resource_busy"), /code must be equal to one of/],
    ["a code with another status", (e) => failure(e, 503, "name_taken"), /code must be equal to/],
    [
      "a request field",
      (e) => ({ ...e, requestBody: { ...(e.requestBody as object), colour: "red" } }),
      /request body.*colour/,
    ],
    ["a parameter", (e) => ({ ...e, path: "/v1/servers?force=true" }), /query parameter force is not described/],
    ["a path", (e) => ({ ...e, path: "/v1/hosts" }), /no such operation/],
  ])("finds %s that is not described", async (_what, change, issue) => {
    expect(contractIssues(change(await recorded())).join("\n")).toMatch(issue);
  });

  it("fails a test whose API answers what is not described", async () => {
    const leaking = { ...SERVER, name: 7 } as unknown as Server;
    const api = await startApi({ getServer: () => Promise.resolve(leaking) });
    await expect(api.request("GET", `/v1/servers/${SERVER.id}`)).rejects.toThrow(/data\/name must be string/);
  });
});
