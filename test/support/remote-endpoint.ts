import { request as httpRequest } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { type Identity, selfSigned } from "../drivers/certificates.ts";

/**
 * The https port of a simulator, as Incus has one: every client shows a certificate; whose it does not know may read the front page, which says so, and is
 * refused else. What a known one asks goes to the simulator's socket.
 */
export class RemoteEndpoint {
  readonly url: string;
  readonly fingerprint: string;
  /** Requests of clients that are trusted, and of those that are not. */
  readonly requests = { trusted: 0, untrusted: 0 };
  private readonly server: Server;

  private constructor(server: Server, { fingerprint }: Identity) {
    this.server = server;
    this.fingerprint = fingerprint;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(socketPath: string, trustedFingerprint: string): Promise<RemoteEndpoint> {
    const identity = await selfSigned("remote-incus");
    const { certificate: cert, key } = identity;
    const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = new RemoteEndpoint(server, identity);
    server.on("request", (request, response) => {
      // Empty where no certificate was shown.
      const peer: Partial<PeerCertificate> = (request.socket as TLSSocket).getPeerCertificate();
      const shown = peer.fingerprint256 ?? "";
      if (shown.replaceAll(":", "").toLowerCase() !== trustedFingerprint) {
        endpoint.requests.untrusted++;
        const isFrontPage = request.url === "/1.0";
        const refused = {
          type: "error",
          status: "",
          status_code: 0,
          error_code: 403,
          error: "not authorized",
          metadata: null,
        };
        const shownToAll = { type: "sync", status: "Success", status_code: 200, metadata: { auth: "untrusted" } };
        response.writeHead(isFrontPage ? 200 : 403, { "content-type": "application/json" });
        response.end(JSON.stringify(isFrontPage ? shownToAll : refused));
        return;
      }
      endpoint.requests.trusted++;
      const { method, url, headers } = request;
      const forwarded = httpRequest({ socketPath, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forwarded.on("error", () => response.destroy());
      request.pipe(forwarded);
    });
    return endpoint;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
