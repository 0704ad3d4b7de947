import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Express } from "express";
import { closing } from "./closing.ts";

export interface Listener {
  /** `http://host:port` */
  address: string;
  /** Takes no new connection, finishes the requests under way (for 15 s at most) and resolves when all connections are closed. */
  close(): Promise<void>;
}

/** Against clients that send slowly on purpose. */
const HEADERS_TIMEOUT_MS = 10_000;
/** For the whole request, body included; the answer may take longer (`?wait=60`). */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the idle timeout of the usual load balancers (60 s), so that it is never us who closes a connection they are about to use. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const CLOSE_TIMEOUT_MS = 15_000;
const CLOSE_IDLE_INTERVAL_MS = 50;

/** Serves the app. Rejects if the address is taken or not ours. Port 0 means any free one. */
export async function listen(app: Express, options: { host: string; port: number }): Promise<Listener> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  });
  const closes = closing(app);
  // Opened in advance by clients and load balancers. Node does not count them as idle until their first request.
  const unused = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", (request, response) => {
    unused.delete(request.socket);
    if (closes.signal.aborted) response.setHeader("Connection", "close");
    app(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });

  let closed: Promise<void> | null = null;
  return {
    address: addressOf(server.address() as AddressInfo),
    close() {
      closes.abort();
      closed ??= new Promise((resolve) => {
        // A connection with a request under way becomes idle later than now.
        const closeIdle = setInterval(() => {
          server.closeIdleConnections();
          for (const socket of unused) socket.destroy();
        }, CLOSE_IDLE_INTERVAL_MS);
        const closeAll = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
        server.close(() => {
          clearInterval(closeIdle);
          clearTimeout(closeAll);
          resolve();
        });
      });
      return closed;
    },
  };
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
