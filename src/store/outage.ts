import { Prisma } from "./generated/client.ts";

/** Prisma: cannot reach, timed out, closed, no connection free, a transaction that could not begin or go on, too many connections. */
const PRISMA_CODES = new Set(["P1001", "P1002", "P1008", "P1011", "P1017", "P2024", "P2028", "P2037"]);
/** What the driver adapter makes of a socket's error. */
const ADAPTER_KINDS = new Set(["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"]);
const SOCKET_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"]);
/** Connection exceptions, shut down, crashed, starting up; too many connections. */
const SQLSTATES = /^(08...|57P0[1-4]|53300)$/;
/** What `pg` says without a code. */
const PG_TEXTS =
  /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed/;

const MAX_DEPTH = 6;

/** Whether a database error says that the database is away, not that a statement was wrong: another try can succeed. Whether the last transaction was committed is then not known. */
export function isOutage(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return false;
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  const { code, kind, originalCode, message, cause, meta } = error as Record<string, unknown>;
  const codes = [code, originalCode].filter((text) => typeof text === "string");
  if (codes.some((text) => PRISMA_CODES.has(text) || SOCKET_CODES.has(text) || SQLSTATES.test(text))) return true;
  if (typeof kind === "string" && ADAPTER_KINDS.has(kind)) return true;
  if (typeof message === "string" && PG_TEXTS.test(message)) return true;
  const adapterError = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  return isOutage(cause, depth + 1) || isOutage(adapterError, depth + 1);
}
