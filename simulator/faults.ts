import { randomUUID } from "node:crypto";
import { isObject, type JsonObject } from "./body.ts";
import { ApiError } from "./wire.ts";

const kinds = [
  "error_before",
  "timeout_before",
  "lost_answer",
  "slow",
  "hold_before",
  "hold_after",
  "operation_fails",
  "operation_lost",
  "duplicate_delivery",
  "not_found_on_delete",
  "disk_full",
  "wrong_etag",
  "agent_fails",
  "agent_holds",
  "engine_unreachable",
  "engine_refuses",
] as const;
type FaultKind = (typeof kinds)[number];

/** Kinds that bend an operation: they match only requests that start one. */
const operationKinds: readonly FaultKind[] = ["operation_fails", "operation_lost", "disk_full"];
/** Kinds that no request on the wire meets: what an agent does in its guest, and what a client hears from an engine. */
const agentKinds: readonly FaultKind[] = ["agent_fails", "agent_holds"];
const queryKinds: readonly FaultKind[] = ["engine_unreachable", "engine_refuses"];

export interface FaultRule {
  id: string;
  kind: FaultKind;
  match: {
    method: string | null;
    path: RegExp;
    pathText: string;
    project: string | null;
    action: string | null;
    nth: number;
  };
  /** How often it fires; 0 is without end. */
  count: number;
  status: number;
  message: string;
  delayMs: number;
  /** Whether `lost_answer`, `hold_after` and their like wait for the end of the operation that the request started. */
  awaitOperation: boolean;
}

interface RuleState {
  rule: FaultRule;
  matched: number;
  fired: number;
  held: Set<() => void>;
}

/**
 * A request as rules see it. `action` is the `action` of a state change, the kind of an agent's request (path `/agent/INSTANCE`), or the engine that a
 * client asks (path `/engine/ADDRESS`).
 */
interface Seen {
  source: "request" | "agent" | "query";
  method: string;
  path: string;
  project: string;
  action: string | null;
  startsOperation: boolean;
}

export class Faults {
  readonly #rules = new Map<string, RuleState>();

  add(body: JsonObject): string {
    const rule = parseRule(body);
    this.#rules.set(rule.id, { rule, matched: 0, fired: 0, held: new Set() });
    return rule.id;
  }

  list(): unknown[] {
    return [...this.#rules.values()].map((state) => ({
      id: state.rule.id,
      kind: state.rule.kind,
      match: {
        method: state.rule.match.method,
        path: state.rule.match.pathText,
        project: state.rule.match.project,
        action: state.rule.match.action,
        nth: state.rule.match.nth,
      },
      count: state.rule.count,
      matched: state.matched,
      hits: state.fired,
      held: state.held.size,
    }));
  }

  /** Lets go what the rule holds now; the rule stays. */
  release(id: string): number {
    const state = this.#rules.get(id);
    if (state === undefined) throw new ApiError(404, `no fault ${id}: GET /sim/v1/faults lists them`);
    const held = [...state.held];
    state.held.clear();
    for (const letGo of held) letGo();
    return held.length;
  }

  remove(id: string): void {
    this.release(id);
    this.#rules.delete(id);
  }

  clear(): void {
    for (const id of [...this.#rules.keys()]) this.remove(id);
  }

  /** The first rule, oldest first, that fires for the request. Every rule that matches counts the match. */
  take(seen: Seen): FaultRule | null {
    let firing: FaultRule | null = null;
    for (const state of this.#rules.values()) {
      if (!applies(state.rule, seen)) continue;
      state.matched++;
      const isDue = state.matched >= state.rule.match.nth && (state.rule.count === 0 || state.fired < state.rule.count);
      if (firing !== null || !isDue) continue;
      state.fired++;
      firing = state.rule;
    }
    return firing;
  }

  /** Resolves true on release, false if the client goes away first. */
  async hold(rule: FaultRule, signal: AbortSignal): Promise<boolean> {
    const state = this.#rules.get(rule.id);
    if (state === undefined) return true;
    return new Promise((resolve) => {
      const letGo = (): void => resolve(true);
      state.held.add(letGo);
      const giveUp = (): void => {
        state.held.delete(letGo);
        resolve(false);
      };
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
    });
  }
}

function applies(rule: FaultRule, seen: Seen): boolean {
  const { method, path, project, action } = rule.match;
  if (sourceOf(rule.kind) !== seen.source) return false;
  if (method !== null && method !== seen.method) return false;
  if (project !== null && project !== seen.project) return false;
  if (action !== null && action !== seen.action) return false;
  if (rule.kind === "not_found_on_delete" && seen.method !== "DELETE") return false;
  if (operationKinds.includes(rule.kind) && !seen.startsOperation) return false;
  return path.test(seen.path);
}

function sourceOf(kind: FaultKind): Seen["source"] {
  if (agentKinds.includes(kind)) return "agent";
  return queryKinds.includes(kind) ? "query" : "request";
}

const fields = ["match", "kind", "count", "status", "message", "delay_ms", "await_operation"];
const matchFields = ["method", "path", "project", "action", "nth"];

function parseRule(body: JsonObject): FaultRule {
  const match = isObject(body["match"]) ? body["match"] : {};
  rejectUnknown(body, fields);
  rejectUnknown(match, matchFields);
  const kind = kinds.find((known) => known === body["kind"]);
  if (kind === undefined) throw new ApiError(400, `kind must be one of ${kinds.join(", ")}`);
  const pathText = optionalText(match, "path") ?? "**";
  const message =
    kind === "disk_full" ? "Failed creating instance from image: write: no space left on device" : `Simulated ${kind}`;
  return {
    id: randomUUID(),
    kind,
    match: {
      method: optionalText(match, "method"),
      path: pathExpression(pathText),
      pathText,
      project: optionalText(match, "project"),
      action: optionalText(match, "action"),
      nth: wholeNumber(match, "nth", 1),
    },
    count: wholeNumber(body, "count", 1),
    status: wholeNumber(body, "status", 500),
    message: optionalText(body, "message") ?? message,
    delayMs: wholeNumber(body, "delay_ms", kind === "timeout_before" ? 30_000 : 1_000),
    awaitOperation: body["await_operation"] !== false,
  };
}

/** A regular expression if it starts with `^`, else a glob: `*` within a segment, `**` across them. */
function pathExpression(text: string): RegExp {
  if (text.startsWith("^")) {
    try {
      return new RegExp(text);
    } catch (error) {
      throw new ApiError(400, `match.path: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const escaped = text.replace(/[\\^$.+?()[\]{}|]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, (stars) => (stars.length > 1 ? ".*" : "[^/]*"))}$`);
}

function rejectUnknown(object: JsonObject, known: string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new ApiError(400, `unknown field ${unknown}: known are ${known.join(", ")}`);
}

function optionalText(object: JsonObject, field: string): string | null {
  const value = object[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw new ApiError(400, `${field} must be text`);
  return value;
}

function wholeNumber(object: JsonObject, field: string, fallback: number): number {
  const value = object[field] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw new ApiError(400, `${field} must be a whole number`);
  return value;
}
