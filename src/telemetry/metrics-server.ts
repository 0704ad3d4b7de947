import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import type { Logger } from "./logger.ts";

export interface MetricsServer {
  /** `http://host:port/metrics` */
  address: string;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  registry: Registry;
  /** More metrics, in Prometheus' text format, from elsewhere in this process; where they fail the rest is told without them. */
  more?: () => Promise<string>;
  logger: Logger;
}

/** Serves `GET /metrics` on a port of its own: it is for the operator's Prometheus and asks for no key. Rejects if the address is taken. */
export async function serveMetrics({
  host,
  port,
  registry,
  more,
  logger,
}: MetricsServerOptions): Promise<MetricsServer> {
  const collect = async () => {
    const others = more?.().catch((err: unknown) => {
      logger.warn({ err }, "some metrics could not be read");
      return "";
    });
    return (await registry.metrics()) + ((await others) ?? "");
  };
  const server = createServer((request, response) => {
    if (request.url !== "/metrics" || request.method !== "GET") {
      response.writeHead(404).end();
      return;
    }
    collect().then(
      (text) => response.writeHead(200, { "Content-Type": registry.contentType }).end(text),
      (err: unknown) => {
        logger.error({ err }, "the metrics could not be read");
        response.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
  const bound = server.address() as AddressInfo;
  const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return {
    address: `http://${name}:${bound.port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
