import { readFileSync } from "node:fs";

/** The part of OpenAPI 3.1 that openapi/openapi.json uses. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, object>;
    responses: Record<string, ResponseObject>;
    headers: Record<string, HeaderObject>;
    parameters: Record<string, Parameter>;
  };
}

export interface Operation {
  operationId: string;
  security: object[];
  parameters?: (Parameter | Reference)[];
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, ResponseObject | Reference>;
  "x-codeSamples": { lang: string; label: string; source: string }[];
}

export interface Parameter {
  name: string;
  in: "query" | "path" | "header";
  schema: { type?: string };
}

export interface ResponseObject {
  headers: Record<string, HeaderObject | Reference>;
  content: Record<string, { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> }>;
}

export interface HeaderObject {
  required?: boolean;
  schema: { type?: string };
}

export interface Reference {
  $ref: string;
}

/** The committed file: what clients are generated from, so what answers are held against. */
export const DOCUMENT = JSON.parse(
  readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8"),
) as OpenApiDocument;

/** What is referred to, where it is a reference. */
export function resolved<T extends object>(object: T | Reference): T {
  if (!("$ref" in object)) return object;
  const path = object.$ref.replace("#/", "").split("/");
  return path.reduce((part: unknown, key) => (part as Record<string, unknown>)[key], DOCUMENT) as T;
}

/** The operation that a request is for; null where the file has none. */
export function findOperation(method: string, path: string): Operation | null {
  const template = findPath(path);
  return (template === null ? undefined : DOCUMENT.paths[template]?.[method.toLowerCase()]) ?? null;
}

/** The path of the file that `path` is one of; a slash at the end makes no difference. Fixed ones come before those with a parameter. */
export function findPath(path: string): string | null {
  const asked = path.replace(/(?<=.)\/$/, "");
  // Names nothing, and is refused before anything of it is looked at.
  if (!isDecodable(asked)) return null;
  const templates = Object.keys(DOCUMENT.paths);
  if (templates.includes(asked)) return asked;
  return templates.find((template) => pattern(template).test(asked)) ?? null;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function pattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
}
