import { ComputeError, type ComputeErrorCode } from "../compute.ts";

/** How a request went wrong, before it means anything to us. */
export interface IncusFault {
  /** No whole answer came; Incus answered with an error; the operation ended badly; the operation is no longer known. */
  source: "socket" | "answer" | "operation" | "forgotten";
  /** HTTP status of the answer, or of an operation's error where Incus gives one. */
  status: number | null;
  text: string;
  /** Node's or undici's code of a socket error. */
  socketCode?: string | undefined;
}

/** Code of the error that a connection to a server with another certificate than the pinned one ends with. */
export const CERTIFICATE_MISMATCH = "CERTIFICATE_MISMATCH";

interface Row {
  name: string;
  matches(fault: IncusFault): boolean;
  code: ComputeErrorCode;
  transient: boolean;
  /** What an operator should do, where the text alone does not say. */
  advice?: string;
}

const socket = (pattern: RegExp) => (fault: IncusFault) =>
  fault.source === "socket" && pattern.test(fault.socketCode ?? "");
const text = (pattern: RegExp) => (fault: IncusFault) => fault.source !== "socket" && pattern.test(fault.text);
const status =
  (...codes: number[]) =>
  (fault: IncusFault) =>
    fault.status !== null && codes.includes(fault.status);
const either = (a: Row["matches"], b: Row["matches"]) => (fault: IncusFault) => a(fault) || b(fault);

/**
 * Every failure of the infrastructure and what it means; the first row that matches counts. Texts come before statuses, because Incus gives many
 * operation errors no status of their own, and wraps precise texts in general ones ("Invalid devices: … IP address … already defined").
 */
const ERROR_TABLE = [
  // The server is not the one that was pinned: nothing was sent, and nothing may be.
  {
    name: "certificate_mismatch",
    matches: socket(new RegExp(`^${CERTIFICATE_MISMATCH}$`)),
    code: "infrastructure_unauthorized",
    transient: false,
    advice: "compare it with `incus info` on the host and correct server_fingerprint, or find out who answers there",
  },
  // The handshake failed: our client certificate or the protocol is wrong. It stays wrong until someone changes it.
  {
    name: "tls_refused",
    matches: socket(/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/),
    code: "infrastructure_unauthorized",
    transient: false,
    advice: "check that the endpoint speaks TLS and that the client certificate is valid",
  },
  // The unix socket belongs to a group that this process is not in.
  {
    name: "socket_forbidden",
    matches: socket(/^(EACCES|EPERM)$/),
    code: "infrastructure_unauthorized",
    transient: false,
    advice: "run the worker as a member of the group that owns the Incus socket",
  },
  // Nobody listened, so the request had no effect: the daemon restarts, the host or the way to it is down.
  {
    name: "unreachable",
    matches: socket(/^(ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/),
    code: "infrastructure_unavailable",
    transient: true,
    advice: "check that Incus runs and that the endpoint of the region is right",
  },
  // The connection broke or time ran out after the request may have left: the effect may or may not be there, and a look-up decides.
  {
    name: "answer_lost",
    matches: (fault) => fault.source === "socket",
    code: "infrastructure_unavailable",
    transient: true,
  },
  // Incus keeps an operation for 5 s after its end, and none over a restart. The object's state decides; if it is inconclusive, a new attempt does.
  {
    name: "operation_forgotten",
    matches: (fault) => fault.source === "forgotten",
    code: "infrastructure_unavailable",
    transient: true,
  },
  // The pool or its loop file is full, or a quota is. More attempts do not make room.
  {
    name: "storage_full",
    matches: either(
      status(507),
      text(/no space left|(not enough|insufficient) (free |disk )?space|out of (disk )?space|quota exceeded|ENOSPC/i),
    ),
    code: "storage_full",
    transient: false,
    advice: "grow the storage pool or free space in it",
  },
  // Another instance has the address, or the hardware address that follows from it: one made past us, or left behind. Another address is needed.
  {
    name: "address_in_use",
    matches: text(/\b(IP|MAC) address "?[0-9a-f.:]+"? (is )?already (defined|in use|allocated|assigned)/i),
    code: "address_in_use",
    transient: false,
  },
  // The same name in another project on the same bridge: its DNS takes a name once.
  {
    name: "dns_name_taken",
    matches: text(/Instance DNS name .*(conflict|already used)/i),
    code: "instance_conflict",
    transient: false,
  },
  // A duplicate of a request of ours, or a foreign object. The look-up tells which; if it is gone by then, trying again is right.
  {
    name: "instance_exists",
    matches: text(/\binstance "?[\w-]+"? already exists|"instances" entry( already exists|: UNIQUE constraint)/i),
    code: "instance_conflict",
    transient: true,
  },
  // The same of a volume, or of the network's access list, which workers make at the same time.
  {
    name: "volume_exists",
    matches: text(/\bvolume by that name already exists|storage_volumes.*UNIQUE|UNIQUE.*storage_volumes/i),
    code: "instance_conflict",
    transient: true,
  },
  {
    name: "acl_exists",
    matches: text(/\bnetwork ACL already exists|networks_acls.*UNIQUE|UNIQUE.*networks_acls/i),
    code: "infrastructure_error",
    transient: true,
  },
  // An instance has the volume attached, perhaps one that is just being deleted.
  {
    name: "volume_in_use",
    matches: text(/storage volume is still in use/i),
    code: "infrastructure_error",
    transient: true,
    advice: "find its user with `incus storage volume show` and detach it",
  },
  // The image was deleted between its look-up and the create, or never imported here.
  {
    name: "image_missing",
    matches: text(/image( "\w*")? not (found|provided)|image .*(couldn't be found|does(n't| not) exist)/i),
    code: "image_unavailable",
    transient: false,
    advice: "import the image again under its alias",
  },
  // Two creates unpacked the same image into the pool at once and one lost; the next attempt finds it there.
  {
    name: "image_busy",
    matches: text(/image .*(already exists|being (downloaded|created))/i),
    code: "infrastructure_error",
    transient: true,
  },
  // Another operation holds the instance.
  {
    name: "instance_busy",
    matches: text(/instance is busy|non-reusable operation/i),
    code: "infrastructure_error",
    transient: true,
  },
  // It is already as wanted, or in the way of what is wanted: the look-up that follows decides.
  {
    name: "instance_running",
    matches: text(/instance is (already )?running/i),
    code: "infrastructure_error",
    transient: true,
  },
  {
    name: "instance_stopped",
    matches: text(/instance (is already stopped|isn't running|is not running)/i),
    code: "infrastructure_error",
    transient: true,
  },
  // The project's limits or the members' resources are used up. Only an operator or a deletion changes that.
  {
    name: "no_capacity",
    matches: text(
      /no suitable cluster member|find a cluster member|reached maximum (number|aggregate)|cannot allocate memory/i,
    ),
    code: "no_capacity",
    transient: false,
    advice: "raise the limits of the project or add a host",
  },
  // The daemon or its database is starting, stopping or overloaded. "canceled" is what a shutdown does to running operations.
  {
    name: "daemon_away",
    matches: either(
      status(408, 429, 502, 503, 504),
      text(
        /database is locked|dqlite|shutting down|daemon (is )?(start|stop)|context (canceled|deadline)|cancell?ed\b|evacuated/i,
      ),
    ),
    code: "infrastructure_unavailable",
    transient: true,
  },
  // What we asked for is not valid here: a device, a volume that is not there, a size, an image of another type. It will not be at the next attempt either.
  {
    name: "config_rejected",
    matches: text(
      /\binvalid (config|device|value|option|instance|ingress rule)|validation failed|add validation|unknown config|requested image's type/i,
    ),
    code: "instance_rejected",
    transient: false,
  },
  // The client certificate is not trusted, or is restricted to other projects.
  {
    name: "unauthorized",
    matches: status(401, 403),
    code: "infrastructure_unauthorized",
    transient: false,
    advice: "add the client certificate to the server's trust store with access to the region's project",
  },
  // For an instance an answer like any other, handled where it is asked for. Else the project, network or pool is gone.
  {
    name: "not_found",
    matches: status(404),
    code: "infrastructure_error",
    transient: false,
    advice: "check the project, network and storage pool of the region",
  },
  // Someone changed the object between our read and our write (412), or works on it (409, 423).
  { name: "changed_meanwhile", matches: status(409, 412, 423), code: "infrastructure_error", transient: true },
  // The request itself is wrong.
  { name: "request_rejected", matches: status(400, 405, 413, 422, 501), code: "instance_rejected", transient: false },
] as const satisfies readonly Row[];

// Unknown. Most of these are faults of the moment (a device busy, a helper killed), and the steps that retry have a deadline.
const UNEXPECTED = { name: "unexpected", matches: () => true, code: "infrastructure_error", transient: true } as const;

export type IncusErrorName = (typeof ERROR_TABLE)[number]["name"] | typeof UNEXPECTED.name;

/** A failure of Incus that went through the table. `row` lets the driver react to what it can handle itself. */
export class IncusError extends ComputeError {
  readonly row: IncusErrorName;
  readonly status: number | null;
  readonly text: string;

  constructor(during: string, fault: IncusFault, cause?: unknown) {
    const row = ERROR_TABLE.find((candidate) => candidate.matches(fault)) ?? UNEXPECTED;
    const advice = "advice" in row ? ` (${row.advice})` : "";
    super(row.code, `${during}: ${shorten(fault.text)}${advice}`, { transient: row.transient, cause });
    this.name = "IncusError";
    this.row = row.name;
    this.status = fault.status;
    this.text = fault.text;
  }

  /** Whether the request may have had its effect, or that of a twin, all the same: look before the failure counts. */
  get leavesDoubt(): boolean {
    return this.row !== "unreachable" && (this.transient || this.row === "address_in_use" || this.row === "not_found");
  }
}

/** Runs of a daemon's text can be long; its end names the cause. */
function shorten(message: string): string {
  return message.length <= 600 ? message : `${message.slice(0, 250)} … ${message.slice(-340)}`;
}
