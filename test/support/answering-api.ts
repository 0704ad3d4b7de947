import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Notes what it is asked and refuses everything: enough to see what a command line stands for. */
export interface AnsweringApi {
  url: string;
  /** What was asked since the last look. */
  take(): { method: string; path: string; query: URLSearchParams; body: unknown }[];
  close(): Promise<void>;
}

export async function startAnsweringApi(): Promise<AnsweringApi> {
  let asked: ReturnType<AnsweringApi["take"]> = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://api");
      asked.push({
        method: request.method ?? "",
        path: pathname,
        query: searchParams,
        body: text === "" ? null : JSON.parse(text),
      });
      const error = { code: "not_found", message: "It answers nobody." };
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ status: "error", error, meta: {} }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = asked;
      asked = [];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
