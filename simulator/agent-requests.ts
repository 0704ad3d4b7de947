import { isObject, type JsonObject } from "./body.ts";
import type { EngineRecord } from "./state.ts";

/** Engines in which a login has one password: a rotation gives the second password a second login. */
const oneLoginAPassword = ["postgresql", "mongodb"];

/** What the real agent takes: passwords that every engine prepares alike, names that need no quotes. */
const passwordForm = /^[!-~]{12,128}$/;
const nameForm = /^[a-z][a-z0-9_]{0,30}$/;

interface Guest {
  project: string;
  instance: string;
  engine: string;
  major: string;
  version: string;
  /** Whether something is mounted at /data. */
  hasDataVolume: boolean;
}

/** What a request makes of the engine, or why it fails. */
export type EngineChange = { engine: EngineRecord; data: JsonObject } | { code: string; message: string };

/** Every kind of request, with the effect that the agent's real one has. Each may be repeated. */
export function handleRequest(guest: Guest, engine: EngineRecord | null, request: JsonObject): EngineChange {
  const kind = request["kind"];
  if (kind === "setup") return setUp(guest, request);
  if (kind !== "add_password" && kind !== "drop_password" && kind !== "trusted_sources") return invalid("kind");
  if (engine === null) return { code: "not_set_up", message: "the engine was never set up" };
  if (kind === "trusted_sources") {
    const trustedSources = texts(request["trusted_sources"]);
    return trustedSources === null ? invalid("trusted_sources") : { engine: { ...engine, trustedSources }, data: {} };
  }
  const password = text(request["password"], passwordForm);
  if (password === null) return invalid("password");
  return kind === "add_password" ? addPassword(engine, password) : dropPassword(engine, password);
}

function setUp(guest: Guest, request: JsonObject): EngineChange {
  const { project, instance, engine, major, version } = guest;
  const tls = isObject(request["tls"]) ? request["tls"] : {};
  const [certificate, port, memoryMib] = [text(tls["certificate"]), request["port"], request["memory_mib"]];
  const [user, password] = [text(request["user"], nameForm), text(request["password"], passwordForm)];
  const trustedSources = texts(request["trusted_sources"]);
  if (request["engine"] !== engine || request["major"] !== major)
    return { code: "engine_mismatch", message: `this image holds ${engine} ${major}` };
  if (text(request["address"]) === null) return invalid("address");
  if (typeof port !== "number") return invalid("port");
  if (typeof memoryMib !== "number" || memoryMib < 128) return invalid("memory_mib");
  if (certificate === null || text(tls["key"]) === null || text(tls["ca"]) === null) return invalid("tls");
  if (trustedSources === null) return invalid("trusted_sources");
  if (user === null) return invalid("user");
  if (password === null) return invalid("password");
  if (!guest.hasDataVolume) return { code: "no_data_volume", message: "nothing is mounted at /data" };
  const database = text(request["database"]);
  const accounts = [{ user, password }];
  const record = { project, instance, engine, port, database, accounts, trustedSources, certificate };
  return { engine: record, data: { user, version } };
}

function addPassword(engine: EngineRecord, password: string): EngineChange {
  const known = engine.accounts.find((account) => account.password === password);
  if (known) return { engine, data: { user: known.user } };
  if (engine.engine === "mysql" && engine.accounts.length > 1)
    return { code: "two_passwords", message: "there are two passwords already: drop one first" };
  const first = engine.accounts[0]?.user ?? "";
  if (!oneLoginAPassword.includes(engine.engine)) {
    const accounts = [...engine.accounts, { user: first, password }];
    return { engine: { ...engine, accounts }, data: { user: first } };
  }
  // The first login is the one in use; the other's password is whatever came last.
  const user = otherLogin(first);
  return { engine: { ...engine, accounts: [...engine.accounts.slice(0, 1), { user, password }] }, data: { user } };
}

/** `app` and `app_b` take turns. */
function otherLogin(user: string): string {
  return user.endsWith("_b") ? user.slice(0, -2) : `${user}_b`;
}

function dropPassword(engine: EngineRecord, password: string): EngineChange {
  const accounts = engine.accounts.filter((account) => account.password === password);
  const [remaining] = accounts;
  if (!remaining)
    return { code: "unknown_password", message: "the password that is to stay is not one of the engine's" };
  return { engine: { ...engine, accounts }, data: { user: remaining.user } };
}

function invalid(what: string): EngineChange {
  return { code: "invalid_request", message: `${what} is missing or not valid` };
}

function text(value: unknown, form = /./s): string | null {
  return typeof value === "string" && form.test(value) ? value : null;
}

function texts(value: unknown): string[] | null {
  const isList = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
  return isList ? value : null;
}
