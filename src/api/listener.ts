import { createServer, type Server } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import type { Express } from "express";
import { LIMITS } from "../domain/limits.ts";
import { closing } from "./closing.ts";
import { type RefusalBody, refuseConnection, type UnderWay } from "./connection-refusal.ts";

export interface Listener {
  /** `http://host:port` */
  address: string;
  /** Takes no new connection, finishes the requests under way (for 15 s at most) and resolves when all connections are closed. */
  close(): Promise<void>;
}

export interface ListenerOptions {
  host: string;
  port: number;
  /** What is read where there is no request to answer; nothing by default. */
  refusalBody?: RefusalBody;
  timeouts?: Partial<typeof TIMEOUTS_MS>;
}

const TIMEOUTS_MS = {
  /** Until the headers are complete: against clients that send slowly on purpose. */
  headers: 10_000,
  /** For the whole request, body included; the answer may take longer (`?wait=60`). */
  request: 30_000,
  /** How often the two above are looked at. Node's default of 30 s would let a slow client stay four times as long. */
  check: 1_000,
  /** Longer than the idle timeout of the usual load balancers (60 s), so that it is never us who closes a connection they are about to use. */
  keepAlive: 65_000,
  /** How long a closing listener leaves idle connections open: a request that is on its way through one of them is answered, and not cut off. */
  idleGrace: 1_000,
  /** After this a closing listener cuts off what is still under way. */
  close: 15_000,
};
const CLOSE_IDLE_INTERVAL_MS = 50;

/** Serves the app. Rejects if the address is taken or not ours. Port 0 means any free one. */
export async function listen(app: Express, options: ListenerOptions): Promise<Listener> {
  const timeouts = { ...TIMEOUTS_MS, ...options.timeouts };
  const server = createServer({
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    connectionsCheckingInterval: timeouts.check,
    keepAliveTimeout: timeouts.keepAlive,
    maxHeaderSize: LIMITS.requestHeadersMaxBytes,
  });
  const closes = closing(app);
  // Opened in advance by clients and load balancers. Node does not count them as idle until their first request.
  const unused = new Set<Socket>();
  const underWay = new Map<Socket, UnderWay>();
  server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", (request, response) => {
    const { socket } = request;
    unused.delete(socket);
    underWay.set(socket, { request, response });
    response.once("close", () => {
      if (underWay.get(socket)?.response === response) underWay.delete(socket);
    });
    if (closes.signal.aborted) response.setHeader("Connection", "close");
    app(request, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    refuseConnection(error, socket, underWay.get(socket as Socket), options.refusalBody ?? (() => ""));
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
      for (const { response } of underWay.values()) {
        if (!response.headersSent) response.setHeader("Connection", "close");
      }
      closed ??= closeServer(server, { unused, underWay }, timeouts);
      return closed;
    },
  };
}

interface Connections {
  unused: Set<Socket>;
  underWay: Map<Socket, UnderWay>;
}

function closeServer(
  server: Server,
  { unused, underWay }: Connections,
  { idleGrace, close }: typeof TIMEOUTS_MS,
): Promise<void> {
  return new Promise((resolve) => {
    let closeIdle: NodeJS.Timeout | undefined;
    const closeIdleConnections = () => {
      for (const socket of unused) socket.destroy();
      // Node takes a connection for idle whose answer is given and not yet written out: a slow reader would get the half of it.
      const isWriting = [...underWay.values()].some(({ response }) => response.writableEnded);
      if (!isWriting) server.closeIdleConnections();
    };
    const afterGrace = setTimeout(() => {
      closeIdleConnections();
      // A connection with a request under way becomes idle later than now.
      closeIdle = setInterval(closeIdleConnections, CLOSE_IDLE_INTERVAL_MS);
    }, idleGrace);
    const closeAll = setTimeout(() => server.closeAllConnections(), close);
    server.once("close", () => {
      for (const timer of [afterGrace, closeIdle, closeAll]) clearTimeout(timer);
      // Ends its look for slow requests, which went on until now.
      server.close();
      resolve();
    });
    // The one of HTTP would close idle connections at once.
    NetServer.prototype.close.call(server);
  });
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
