import type { Devices, StringMap } from "./state.ts";
import { ApiError } from "./wire.ts";

export type JsonObject = Record<string, unknown>;

export function parseObject(body: string): JsonObject {
  if (body.trim() === "") throw new ApiError(400, "EOF");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ApiError(400, "unexpected EOF");
  }
  if (!isObject(value)) throw new ApiError(400, `json: cannot unmarshal ${kindOf(value)} into Go value`);
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A string field; left out or null is "". */
export function stringField(body: JsonObject, field: string): string {
  const value = body[field] ?? "";
  if (typeof value !== "string") throw mismatch(value, field, "string");
  return value;
}

/** A map of strings; undefined if left out or null. */
export function stringMapField(body: JsonObject, field: string): StringMap | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw mismatch(value, field, "map[string]string");
  return stringMap(value, field);
}

export function devicesField(body: JsonObject): Devices | undefined {
  const value = body["devices"];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw mismatch(value, "devices", "map[string]map[string]string");
  const devices: Devices = {};
  for (const [name, device] of Object.entries(value)) {
    if (!isObject(device)) throw mismatch(device, "devices", "map[string]string");
    devices[name] = stringMap(device, "devices");
  }
  return devices;
}

export function stringListField(body: JsonObject, field: string): string[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw mismatch(value, field, "[]string");
  return value.map((item: unknown) => {
    if (typeof item !== "string") throw mismatch(item, field, "string");
    return item;
  });
}

export function booleanField(body: JsonObject, field: string): boolean | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw mismatch(value, field, "bool");
  return value;
}

function stringMap(value: JsonObject, field: string): StringMap {
  const map: StringMap = {};
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string") throw mismatch(item, field, "string");
    map[key] = item;
  }
  return map;
}

function mismatch(value: unknown, field: string, wanted: string): ApiError {
  return new ApiError(400, `json: cannot unmarshal ${kindOf(value)} into Go struct field .${field} of type ${wanted}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "boolean" ? "bool" : typeof value;
}
