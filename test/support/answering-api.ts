import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
}

interface Answered {
  status: number;
  type: string;
  text: string;
}

/** Notes what it is asked and answers as it is told, or refuses: enough to see what a command line stands for. */
export interface AnsweringApi {
  url: string;
  /** What was asked since the last look. */
  take(): Asked[];
  close(): Promise<void>;
}

export async function startAnsweringApi(answer: (asked: Asked) => Answered = refused): Promise<AnsweringApi> {
  let asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://api");
      const one = {
        method: request.method ?? "",
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: text === "" ? null : JSON.parse(text),
      };
      asked.push(one);
      const { status, type, text: answered } = answer(one);
      response.writeHead(status, { "content-type": type }).end(answered);
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

function refused(): Answered {
  const error = { code: "not_found", message: "It answers nobody." };
  return { status: 404, type: "application/json", text: JSON.stringify({ status: "error", error, meta: {} }) };
}
