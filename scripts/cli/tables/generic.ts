import { table } from "./columns.ts";

/** For what has no table of its own. */

/** Longer cells of a list are cut, so that a line stays a line. */
const LONGEST_CELL = 48;

/** Told by the time of the latest change, which few look for in a list. */
const NOT_IN_LISTS = ["updated_at"];

/** A list as columns, an object as key and value, nothing as `done`. */
export function genericTable(data: unknown): string[] {
  if (data === null || data === undefined) return ["done"];
  if (Array.isArray(data)) return listTable(data);
  return isObject(data) ? objectLines(data) : [cellOf(data)];
}

function listTable(items: unknown[]): string[] {
  if (items.length === 0) return ["none"];
  const rows = items.filter(isObject);
  if (rows.length < items.length) return items.map((item) => cellOf(item));
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (field) => !NOT_IN_LISTS.includes(field) && rows.some((row) => cellOf(row[field]) !== ""),
  );
  const headings = fields.map((field) => field.toUpperCase().replaceAll("_", " "));
  return table([headings, ...rows.map((row) => fields.map((field) => shortened(cellOf(row[field]))))]);
}

/** A line a field, and a table for each list of objects in it. */
function objectLines(object: Record<string, unknown>): string[] {
  const isTable = (value: unknown) => Array.isArray(value) && value.some(isObject);
  const facts = Object.entries(object).filter(([, value]) => !isTable(value));
  const tables = Object.entries(object).filter(([, value]) => isTable(value));
  return [
    ...table(facts.flatMap(([field, value]) => factRows(field, value))),
    ...tables.flatMap(([field, value]) => [field, ...genericTable(value).map((line) => `  ${line}`)]),
  ];
}

/** An object of objects is a line each: `quotas.servers  limit=250 used=12`. */
function factRows(field: string, value: unknown): string[][] {
  if (!isObject(value) || !Object.values(value).some(isObject)) return [[field, cellOf(value)]];
  return Object.entries(value).flatMap(([part, inner]) => factRows(`${field}.${part}`, inner));
}

/** A list of objects is counted; an object is `key=value` of what it has. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.some(isObject) ? String(value.length) : value.join(",");
  if (!isObject(value)) return typeof value === "string" ? value : JSON.stringify(value);
  const parts = Object.entries(value).filter(([, part]) => part !== null);
  return parts.map(([key, part]) => `${key}=${cellOf(part)}`).join(" ");
}

function shortened(cell: string): string {
  return cell.length > LONGEST_CELL ? `${cell.slice(0, LONGEST_CELL - 1)}…` : cell;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
