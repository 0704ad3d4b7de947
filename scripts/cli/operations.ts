import { readFileSync } from "node:fs";

/** A call of the API, for a command of its own: read from openapi/openapi.json, so that there is one for every call and none for what there is not. */
export interface Operation {
  /** `create-server` */
  name: string;
  /** `Servers` */
  tag: string;
  summary: string;
  method: string;
  /** `/v1/servers/{id}` */
  path: string;
  hasId: boolean;
  fields: Field[];
  needsKey: boolean;
  /** A whole command line. */
  example: string | null;
}

export interface Field {
  /** As the API has it: `ssh_keys`. */
  name: string;
  in: "query" | "body";
  /** Of what may be null: what else it may be. */
  type: string;
  isNullable: boolean;
  /** What it, or each of a list, may be; null: anything of its type. */
  choices: readonly string[] | null;
  isRequired: boolean;
  description: string;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  items?: Schema;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
}

interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  security: object[];
  parameters?: { $ref?: string; name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
  "x-codeSamples": { label: string; source: string }[];
}

interface Document {
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Schema> };
}

let read: Operation[] | null = null;

export function readOperations(): Operation[] {
  if (read !== null) return read;
  const file = new URL("../../openapi/openapi.json", import.meta.url);
  const document = JSON.parse(readFileSync(file, "utf8")) as Document;
  read = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => operationOf(document, path, method, operation)),
  );
  return read;
}

export function operationNamed(name: string): Operation {
  const operation = readOperations().find((one) => one.name === name);
  if (operation === undefined) throw new Error(`the API has no ${name}`);
  return operation;
}

function operationOf(document: Document, path: string, method: string, operation: OperationObject): Operation {
  return {
    name: operation.operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    tag: operation.tags[0] ?? "Others",
    summary: operation.summary,
    method: method.toUpperCase(),
    path,
    hasId: path.includes("{id}"),
    fields: [...queryFields(document, operation), ...bodyFields(document, operation)],
    needsKey: operation.security.length > 0,
    example: operation["x-codeSamples"].find(({ label }) => label === "CLI")?.source ?? null,
  };
}

function queryFields(document: Document, { parameters = [] }: OperationObject): Field[] {
  return parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, schema, required = false, description = "" }) => ({
      ...{ name, in: "query" as const, isRequired: required, description: firstLine(description) },
      ...kindOf(document, schema),
    }));
}

function bodyFields(document: Document, { requestBody }: OperationObject): Field[] {
  const schema = requestBody?.content["application/json"].schema;
  const body = schema && resolved(document, schema);
  return Object.entries(body?.properties ?? {}).map(([name, property]) => ({
    ...{ name, in: "body" as const, isRequired: body?.required?.includes(name) ?? false },
    ...{ description: firstLine(property.description ?? ""), ...kindOf(document, property) },
  }));
}

function kindOf(document: Document, schema: Schema): Pick<Field, "type" | "isNullable" | "choices"> {
  const kinds = (schema.anyOf ?? [schema]).map((one) => resolved(document, one));
  const types = kinds.flatMap(({ type = "string" }) => type);
  const [kind] = kinds.filter(({ type }) => type !== "null");
  const items = kind?.items && resolved(document, kind.items);
  return {
    type: types.find((type) => type !== "null") ?? "string",
    isNullable: types.includes("null"),
    choices: kind?.enum ?? items?.enum ?? null,
  };
}

function resolved({ components }: Document, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return (name === undefined ? schema : components.schemas[name]) ?? schema;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
