import { isObject, type JsonObject } from "./body.ts";
import type { EngineRecord } from "./state.ts";

/** Engines in which a login has one password: a rotation gives the second password a second login. */
const oneLoginAPassword = ["postgresql", "mongodb"];

type Guest = Pick<EngineRecord, "project" | "instance" | "engine">;

/** What a request makes of the engine, or why it fails. */
export type EngineChange = { engine: EngineRecord; data: JsonObject } | { code: string; message: string };

/** Every kind of request, with the effect that the agent's real one has. Each may be repeated. */
export function handleRequest(guest: Guest, engine: EngineRecord | null, request: JsonObject): EngineChange {
  const kind = request["kind"];
  if (kind === "setup") return setUp(guest, request);
  if (kind !== "add_password" && kind !== "drop_password" && kind !== "trusted_sources")
    return invalid("kind must be one of setup, add_password, drop_password, trusted_sources");
  if (engine === null) return { code: "not_set_up", message: "the engine was never set up" };
  if (kind === "trusted_sources") {
    const trustedSources = texts(request["trusted_sources"]);
    return trustedSources === null ? invalid("trusted_sources") : { engine: { ...engine, trustedSources }, data: {} };
  }
  const password = text(request["password"]);
  if (password === null) return invalid("password");
  return kind === "add_password" ? addPassword(engine, password) : dropPassword(engine, password);
}

function setUp(guest: Guest, request: JsonObject): EngineChange {
  const [user, password, trustedSources] = [
    text(request["user"]),
    text(request["password"]),
    texts(request["trusted_sources"]),
  ];
  const tls = isObject(request["tls"]) ? request["tls"] : {};
  const [certificate, port] = [text(tls["certificate"]), request["port"]];
  if (request["engine"] !== guest.engine) return invalid(`engine: this image has ${guest.engine}`);
  if (user === null || password === null) return invalid("user, password");
  if (trustedSources === null) return invalid("trusted_sources");
  if (certificate === null || text(tls["key"]) === null || text(tls["ca"]) === null) return invalid("tls");
  if (typeof port !== "number") return invalid("port");
  const database = text(request["database"]);
  const accounts = [{ user, password }];
  return { engine: { ...guest, port, database, accounts, trustedSources, certificate }, data: {} };
}

function addPassword(engine: EngineRecord, password: string): EngineChange {
  const known = engine.accounts.find((account) => account.password === password);
  if (known) return { engine, data: { user: known.user } };
  const kept = engine.accounts.slice(0, 1);
  const first = kept[0]?.user ?? "";
  const user = oneLoginAPassword.includes(engine.engine) ? otherLogin(first) : first;
  return { engine: { ...engine, accounts: [...kept, { user, password }] }, data: { user } };
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
  return { code: "invalid_request", message: `the request is not valid: ${what}` };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function texts(value: unknown): string[] | null {
  const isList = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
  return isList ? value : null;
}
