import { isObject } from "./body.ts";
import { ApiError } from "./wire.ts";

interface Clause {
  join: "and" | "or";
  negated: boolean;
  field: string;
  operator: string;
  value: string;
}

/**
 * The filter language of Incus lists: `name eq cn-1 and not config.user.kind eq server`. As there, a value is a regular expression over the whole
 * text, case ignored; only `eq` and `ne` over text fields are known here.
 */
export function parseFilter(text: string): (object: Record<string, unknown>) => boolean {
  const clauses = parseClauses(words(text));
  return (object) =>
    clauses.reduce((matched, clause) => {
      const hit = matches(object, clause) !== clause.negated;
      return clause.join === "and" ? matched && hit : matched || hit;
    }, true);
}

/** Splits at blanks, keeping a value in double or single quotes together. */
function words(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function parseClauses(parts: string[]): Clause[] {
  const clauses: Clause[] = [];
  let join: Clause["join"] = "and";
  let index = 0;
  while (index < parts.length) {
    const negated = parts[index]?.toLowerCase() === "not";
    if (negated) index++;
    const [field, operator, value] = parts.slice(index, index + 3);
    if (field === undefined) throw invalid("incomplete not clause");
    if (operator === undefined) throw invalid("clause has no operator");
    if (value === undefined) throw invalid("clause has no value");
    if (operator !== "eq" && operator !== "ne") throw invalid(`operator ${operator} is not simulated: use eq or ne`);
    clauses.push({ join, negated, field, operator, value });
    index += 3;
    const next = parts[index];
    if (next === undefined) break;
    if (next !== "and" && next !== "or") throw invalid("invalid clause composition");
    if (index + 1 === parts.length) throw invalid("unterminated compound clause");
    join = next;
    index++;
  }
  return clauses;
}

function matches(object: Record<string, unknown>, clause: Clause): boolean {
  const value = valueOf(object, clause.field);
  if (typeof value !== "string") throw new ApiError(500, `Invalid type "invalid" for field "${clause.field}"`);
  return expressionOf(clause.value).test(value) === (clause.operator === "eq");
}

function expressionOf(value: string): RegExp {
  try {
    return new RegExp(/[\^$]/.test(value) ? value : `^${value}$`, "i");
  } catch {
    return new RegExp(`^${value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`, "i");
  }
}

/** Walks down dots; in a map of text the rest of the field is one key, and a missing key is "". */
function valueOf(object: Record<string, unknown>, field: string): unknown {
  if (field in object) return object[field];
  const [head = "", ...rest] = field.split(".");
  const inner = object[head];
  if (rest.length === 0 || !isObject(inner)) return undefined;
  const isTextMap = Object.values(inner).every((item) => typeof item === "string");
  return isTextMap ? (inner[rest.join(".")] ?? "") : valueOf(inner, rest.join("."));
}

function invalid(why: string): ApiError {
  return new ApiError(400, `Invalid filter: ${why}`);
}
