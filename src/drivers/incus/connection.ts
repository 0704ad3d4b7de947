import { X509Certificate } from "node:crypto";
import { TLSSocket } from "node:tls";
import { buildConnector, Pool } from "undici";
import { CERTIFICATE_MISMATCH } from "./error-table.ts";
import type { TlsIdentity } from "./region-options.ts";

/** Every followed operation holds a connection, and a region has up to 40 activities at once. */
const CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 5_000;

/** Connections to one Incus server. Made lazily: this neither connects nor fails on a server that is away. */
export function openConnections(endpoint: string, tls: TlsIdentity | null | undefined): Pool {
  // The transport limits each request as a whole.
  const options = { connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 };
  if (endpoint.startsWith("unix://")) {
    const socketPath = endpoint.slice("unix://".length);
    return new Pool("http://incus", { ...options, connect: { socketPath, timeout: CONNECT_TIMEOUT_MS } });
  }
  if (!endpoint.startsWith("https://")) {
    throw new Error(
      `the endpoint ${endpoint} is neither unix:///path nor https://host:port: correct it in the configuration`,
    );
  }
  if (!tls)
    throw new Error(`the endpoint ${endpoint} needs tls: a client certificate, its key and the server's fingerprint`);
  return new Pool(endpoint, { ...options, connect: pinnedConnector(tls) });
}

/**
 * Mutual TLS with the server's certificate pinned. Incus signs its certificates itself, so there is no authority to ask: the pin replaces the usual
 * verification. It is compared before the connection is handed out, hence before a byte of a request is written.
 */
function pinnedConnector(tls: TlsIdentity): buildConnector.connector {
  const pinned = normalized(tls.serverFingerprint);
  const connect = buildConnector({
    cert: tls.clientCertificate,
    key: tls.clientKey,
    minVersion: "TLSv1.2",
    rejectUnauthorized: false,
    timeout: CONNECT_TIMEOUT_MS,
    // A resumed session shows no certificate to compare.
    maxCachedSessions: 0,
  });
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error) {
        callback(error, null);
        return;
      }
      const presented = socket instanceof TLSSocket ? fingerprintOf(socket) : null;
      if (presented === pinned) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(certificateMismatch(presented), null);
    });
  };
}

function fingerprintOf(socket: TLSSocket): string | null {
  const certificate: object = socket.getPeerCertificate();
  // An empty object if the server showed none.
  const isShown = "raw" in certificate && Buffer.isBuffer(certificate.raw);
  return isShown ? normalized(new X509Certificate(certificate.raw as Buffer).fingerprint256) : null;
}

function normalized(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}

function certificateMismatch(presented: string | null): Error {
  const text = `the server's certificate has the SHA-256 fingerprint ${presented ?? "(none)"}, not the pinned one`;
  return Object.assign(new Error(text), { code: CERTIFICATE_MISMATCH });
}
