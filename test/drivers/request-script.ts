import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One request that has to come next, and the answer to it. */
export interface ScriptedCall {
  /** `GET /1.0/instances/cn-abc?project=p`, exactly as on the wire. */
  expect: string;
  body?: unknown;
  /** What is sent as it is, instead of a body in JSON. */
  content?: string;
  /** Headers that have to be there. */
  sent?: Record<string, string>;
  /** HTTP status; default 200. */
  status?: number;
  /** JSON answered; `hang up` closes the connection instead, `break off` after half an answer. */
  answer: object | "hang up" | "break off";
  /** Headers answered. */
  headers?: Record<string, string>;
}

export interface RequestScript {
  endpoint: string;
  /** Fails on a wrong, an extra or a missing call. */
  verify(): void;
  stop(): Promise<void>;
}

/** A server on a unix socket that knows one conversation by heart. */
export async function playRequestScript(calls: ScriptedCall[]): Promise<RequestScript> {
  const folder = mkdtempSync(join(tmpdir(), "cn-script-"));
  const socket = join(folder, "incus.sock");
  const problems: string[] = [];
  const left = [...calls];
  const server: Server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const call = left.shift();
      const line = `${request.method} ${request.url}`;
      if (call?.expect !== line) problems.push(`call ${calls.length - left.length}: ${line}, not ${call?.expect}`);
      if (call && text !== (call.content ?? (call.body === undefined ? "" : JSON.stringify(call.body))))
        problems.push(`${line}: the body was ${text}`);
      for (const [name, value] of Object.entries(call?.sent ?? {}))
        if (request.headers[name] !== value) problems.push(`${line}: ${name} was ${String(request.headers[name])}`);
      if (!call || call.answer === "hang up") return request.socket.destroy();
      response.writeHead(call.status ?? 200, { "content-type": "application/json", ...call.headers });
      if (call.answer !== "break off") return response.end(JSON.stringify(call.answer));
      response.write('{"type":"sync"', () => request.socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    endpoint: `unix://${socket}`,
    verify() {
      const missing = left.map((call) => `missing: ${call.expect}`);
      if (problems.length + missing.length > 0) throw new Error([...problems, ...missing].join("\n"));
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const sync = (metadata: unknown) => ({ type: "sync", status: "Success", status_code: 200, metadata });
export const failed = (error_code: number, error: string) => ({ type: "error", error_code, error, metadata: null });
export const started = (id: string) => ({
  type: "async",
  operation: `/1.0/operations/${id}`,
  metadata: { id, status_code: 103, err: "" },
});
export const operation = (id: string, status_code: number, err = "") => sync({ id, status_code, err });
