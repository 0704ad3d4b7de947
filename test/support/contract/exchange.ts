import {
  findOperation,
  findPath,
  type HeaderObject,
  type Operation,
  type Parameter,
  type ResponseObject,
  resolved,
} from "./document.ts";
import { schemaIssues } from "./schema-check.ts";

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  method: string;
  /** With the query string. */
  path: string;
  requestHeaders: Headers;
  /** As sent; undefined without one. */
  requestBody: unknown;
  status: number;
  headers: Headers;
  text: string;
}

/** Sent with every answer by HTTP or for the browser's sake: no part of the contract. */
const HEADERS_OF_EVERY_ANSWER = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "transfer-encoding",
  "cache-control",
  "content-security-policy",
  "cross-origin-resource-policy",
  "referrer-policy",
  "strict-transport-security",
  "x-content-type-options",
]);

/** Throws if openapi/openapi.json does not describe this: the answer whatever it is, the request if it was accepted. */
export function assertInContract(exchange: Exchange): void {
  const issues = contractIssues(exchange);
  if (issues.length === 0) return;
  const { method, path, status, text } = exchange;
  throw new Error(
    `not as openapi/openapi.json has it: ${method} ${path} → ${status}\n  ${issues.join("\n  ")}\n  ${text.slice(0, 2_000)}`,
  );
}

export function contractIssues(exchange: Exchange): string[] {
  const method = exchange.method === "HEAD" ? "GET" : exchange.method;
  const pathname = exchange.path.split("?")[0] ?? "";
  const operation = findOperation(method, pathname);
  if (operation) return [...answerIssues(operation, exchange), ...requestIssues(operation, exchange)];
  return findPath(pathname) === null ? refusalIssues(exchange, 404) : otherMethodIssues(exchange);
}

function answerIssues(operation: Operation, exchange: Exchange): string[] {
  const described = operation.responses[String(exchange.status)];
  if (described === undefined) return [`status ${exchange.status} is not described`];
  const { headers, content } = resolved(described);
  const issues = headerIssues(headers, exchange.headers);
  if (exchange.method === "HEAD") return issues;

  const type = exchange.headers.get("content-type")?.split(";")[0] ?? "none";
  const media = content[type];
  if (!media) return [...issues, `content type ${type} is not described`];
  const body: unknown = type === "application/json" ? JSON.parse(exchange.text) : exchange.text;
  const ofEvents = type === "text/event-stream" ? eventIssues(exchange.text) : [];
  return [...issues, ...schemaIssues(media.schema, body, "body"), ...ofEvents];
}

const EVENT_SCHEMA = { $ref: "#/components/schemas/Event" };

/** Every event of a stream but its beginning. */
export function eventIssues(text: string): string[] {
  return text.split("\n\n").flatMap((block) => {
    const type = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data === undefined) return [];
    if (type === "ready" || type === "reset") return data === "{}" ? [] : [`${type} says ${data}`];
    const event = JSON.parse(data) as { type: string };
    return [
      ...(event.type === type ? [] : [`event ${type} is a ${event.type}`]),
      ...schemaIssues(EVENT_SCHEMA, event, "event"),
    ];
  });
}

function headerIssues(described: ResponseObject["headers"], sent: Headers): string[] {
  const entries = Object.entries(described).map(([name, header]) => ({
    name: name.toLowerCase(),
    ...resolved<HeaderObject>(header),
  }));
  const known = new Set(entries.map(({ name }) => name));
  const unknown = [...sent.keys()].filter((name) => !known.has(name) && !HEADERS_OF_EVERY_ANSWER.has(name));
  return [
    ...unknown.map((name) => `header ${name} is not described`),
    ...entries.flatMap(({ name, required, schema }) => {
      const text = sent.get(name);
      if (text === null) return required ? [`header ${name} is missing`] : [];
      return schemaIssues(schema, typed(text, schema), `header ${name}`);
    }),
  ];
}

/** A request that was refused may be anything. */
function requestIssues(operation: Operation, exchange: Exchange): string[] {
  if (exchange.status >= 300 || operation.security.length === 0) return [];
  const parameters = (operation.parameters ?? []).map((parameter) => resolved<Parameter>(parameter));
  const query = new URLSearchParams(exchange.path.split("?")[1] ?? "");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const inHeader = parameters.filter((parameter) => parameter.in === "header");
  const unknown = [...query.keys()].filter((name) => !inQuery.some((parameter) => parameter.name === name));
  return [
    ...unknown.map((name) => `query parameter ${name} is not described`),
    ...inQuery.flatMap((parameter) => parameterIssues(parameter, query.get(parameter.name))),
    ...inHeader.flatMap((parameter) => parameterIssues(parameter, exchange.requestHeaders.get(parameter.name))),
    ...bodyIssues(operation, exchange.requestBody),
  ];
}

function parameterIssues({ name, schema }: Parameter, text: string | null): string[] {
  return text === null ? [] : schemaIssues(schema, typed(text, schema), `parameter ${name}`);
}

function bodyIssues({ requestBody }: Operation, body: unknown): string[] {
  const media = requestBody?.content["application/json"];
  // What is sent to a call that takes no body is not read.
  return media ? schemaIssues(media.schema, body ?? {}, "request body") : [];
}

/** What no operation describes: a path that there is not, or a method that its path does not have. */
function refusalIssues(exchange: Exchange, status: 404 | 405): string[] {
  if (exchange.status !== status) return [`no such operation, and the status is ${exchange.status}, not ${status}`];
  if (exchange.method === "HEAD") return [];
  const code = { 404: "not_found", 405: "method_not_allowed" }[status];
  const schema = {
    allOf: [
      { $ref: "#/components/schemas/Error" },
      { properties: { error: { properties: { code: { const: code } } } } },
    ],
  };
  return schemaIssues(schema, JSON.parse(exchange.text), "body");
}

function otherMethodIssues(exchange: Exchange): string[] {
  if (exchange.headers.get("allow") === null) return ["header allow is missing"];
  return exchange.method === "OPTIONS" && exchange.status === 204 ? [] : refusalIssues(exchange, 405);
}

/** Headers and query strings are text; their schemas speak of numbers and booleans. */
function typed(text: string, { type }: { type?: string }): unknown {
  if (type === "integer") return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
