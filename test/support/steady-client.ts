import { Agent, request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { assertInContract } from "./contract/exchange.ts";
import { API_KEY } from "./world.ts";

interface Answered {
  status: number;
  id: string;
  replayed: boolean;
  isLast: boolean;
}

/** A customer's program that makes one server after the other over one connection that it keeps, each with its own Idempotency-Key. */
export class SteadyClient {
  /** Ids by names, of those that were answered with 201. */
  readonly accepted = new Map<string, string>();
  /** Codes of connections that failed; `half an answer` where some of it had come. */
  readonly failures: string[] = [];
  /** Whether the last answer said that the connection ends. */
  wasToldToLeave = false;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly port: number;
  private readonly name: string;

  constructor(port: number, name: string) {
    this.port = port;
    this.name = name;
  }

  /** Goes on until a connection fails. */
  async runUntilRefused(): Promise<void> {
    while (this.failures.length === 0) await this.step();
  }

  async run(creates: number): Promise<void> {
    while (this.failures.length === 0 && this.accepted.size < creates) await this.step();
    this.agent.destroy();
  }

  private async step(): Promise<void> {
    const name = `${this.name}-${this.accepted.size + 1}`;
    const answer = await this.create(name);
    if (!answer) return;
    // The machine is busy: the same request, with its key, can succeed later.
    if (answer.status === 503) return;
    if (answer.status !== 201) throw new Error(`${name} was answered ${answer.status}`);
    this.accepted.set(name, answer.id);
    this.wasToldToLeave = answer.isLast;
  }

  /** Null: the connection failed, which `failures` tells. */
  create(name: string): Promise<Answered | null> {
    const body = JSON.stringify({ name, plan: "starter", region: "us-east-1" });
    const headers = {
      Authorization: `Bearer ${API_KEY}`,
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "Idempotency-Key": name,
    };
    return new Promise((resolve, reject) => {
      const fail = (failure: string) => {
        this.failures.push(failure);
        resolve(null);
      };
      const options = {
        port: this.port,
        host: "127.0.0.1",
        method: "POST",
        path: "/v1/servers",
        agent: this.agent,
        headers,
      };
      const request = httpRequest(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", () => fail("half an answer"));
        response.on("end", () => {
          try {
            assertInContract({
              ...{ method: options.method, path: options.path, requestBody: JSON.parse(body) as unknown, text },
              requestHeaders: sentHeaders(request.getHeaders()),
              status: response.statusCode ?? 0,
              headers: sentHeaders(response.headers),
            });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          const { data } = JSON.parse(text) as { data: { id: string } | undefined };
          resolve({
            status: response.statusCode ?? 0,
            id: data?.id ?? "",
            replayed: response.headers["idempotent-replayed"] === "true",
            isLast: response.headers.connection === "close",
          });
        });
      });
      request.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      request.end(body);
    });
  }
}

/** As `fetch` would have them. */
function sentHeaders(headers: OutgoingHttpHeaders): Headers {
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return new Headers(entries);
}
