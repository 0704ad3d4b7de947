import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isObject } from "./body.ts";
import type { Control } from "./control.ts";
import { type Delivery, deliver } from "./delivery.ts";
import type { Faults } from "./faults.ts";
import { renderOperation } from "./operations.ts";
import type { RequestLog } from "./request-log.ts";
import type { Router } from "./router.ts";
import { ApiError, type ApiRequest, errorEnvelope, type Reply, syncEnvelope } from "./wire.ts";

const maxBodyBytes = 16 * 1_024 ** 2;

interface Parts {
  router: Router;
  faults: Faults;
  log: RequestLog;
  control: Control;
}

export function createHttpServer(parts: Parts): Server {
  const server = createServer((message, response) => {
    serve(parts, message, response).catch((error: unknown) => {
      if (!message.destroyed)
        process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
      response.destroy();
    });
  });
  // Incus keeps idle connections: a short limit here would cut a client's pooled connection under its next request.
  server.keepAliveTimeout = 120_000;
  return server;
}

async function serve(parts: Parts, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(message.url ?? "/", "http://simulator");
  const method = message.method ?? "GET";
  const body = await readBody(message);
  if (url.pathname.startsWith("/sim/")) {
    const answer = parts.control.answer(method, url, body);
    sendJson(response, answer.status, answer.body);
    return;
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const request: ApiRequest = {
    method,
    path: url.pathname,
    params: [],
    query: url.searchParams,
    project: url.searchParams.get("project") || "default",
    headers: message.headers,
    body,
    operationFault: null,
    signal: gone.signal,
  };
  const entry = parts.log.add(method, url.pathname, request.project);
  const delivery = await deliverSafely(parts, request);
  if (delivery === "cut") {
    response.destroy();
    return;
  }
  entry.status = await send(response, delivery);
}

async function deliverSafely(parts: Parts, request: ApiRequest): Promise<Delivery> {
  try {
    const { route, params } = parts.router.find(request.method, request.path);
    request.params = params;
    const { method, path, project } = request;
    const seen = {
      source: "request",
      method,
      path,
      project,
      action: actionOf(request),
      startsOperation: route.startsOperation === true,
    } as const;
    return await deliver(route, request, parts.faults.take(seen), parts.faults);
  } catch (error) {
    if (error instanceof ApiError) return { kind: "error", error };
    throw error;
  }
}

function actionOf(request: ApiRequest): string | null {
  if (request.method !== "PUT" || !request.path.endsWith("/state")) return null;
  try {
    const body: unknown = JSON.parse(request.body);
    return isObject(body) && typeof body["action"] === "string" ? body["action"] : null;
  } catch {
    return null;
  }
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > maxBodyBytes) throw new Error("request body over 16 MiB");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function send(response: ServerResponse, reply: Reply): Promise<number> {
  switch (reply.kind) {
    case "error":
      return sendJson(response, reply.error.status, errorEnvelope(reply.error));
    case "file":
      response.writeHead(200, { "Content-Type": "application/octet-stream", ...reply.headers });
      response.end(reply.content);
      return 200;
    case "sync": {
      if (reply.etag !== undefined) response.setHeader("ETag", `"${reply.etag}"`);
      if (reply.location !== undefined) response.setHeader("Location", reply.location);
      return sendJson(response, reply.location === undefined ? 200 : 201, syncEnvelope(reply.metadata));
    }
    case "async": {
      const url = `/1.0/operations/${reply.operation.id}`;
      response.setHeader("Location", url);
      const metadata = renderOperation(reply.operation);
      const envelope = {
        type: "async",
        status: "Operation created",
        status_code: 100,
        operation: url,
        error_code: 0,
        error: "",
        metadata,
      };
      return sendJson(response, 202, envelope);
    }
    case "late": {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.flushHeaders();
      response.end(`${JSON.stringify(await lateEnvelope(reply.body))}\n`);
      return 200;
    }
  }
}

async function lateEnvelope(body: Promise<unknown>): Promise<unknown> {
  try {
    return syncEnvelope(await body);
  } catch (error) {
    if (error instanceof ApiError) return errorEnvelope(error);
    throw error;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): number {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
  return status;
}
