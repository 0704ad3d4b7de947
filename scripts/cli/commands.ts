import { readFileSync } from "node:fs";

/** A call of the API as a command: made from openapi/openapi.json, so that there is one for every call and none for what there is not. */
export interface Command {
  /** `create-server` */
  name: string;
  summary: string;
  method: string;
  /** `/v1/servers/{id}` */
  path: string;
  hasId: boolean;
  options: CommandOption[];
  needsKey: boolean;
}

export interface CommandOption {
  /** As the API has it: `ssh_keys`. */
  field: string;
  in: "query" | "body";
  type: string;
  required: boolean;
  description: string;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
}

interface Operation {
  operationId: string;
  summary: string;
  security: object[];
  parameters?: { $ref?: string; name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export function readCommands(): Command[] {
  const file = new URL("../../openapi/openapi.json", import.meta.url);
  const document = JSON.parse(readFileSync(file, "utf8")) as Document;
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => command(document, path, method, operation)),
  );
}

function command(document: Document, path: string, method: string, operation: Operation): Command {
  return {
    name: operation.operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    summary: operation.summary,
    method: method.toUpperCase(),
    path,
    hasId: path.includes("{id}"),
    options: [...queryOptions(operation), ...bodyOptions(document, operation)],
    needsKey: operation.security.length > 0,
  };
}

function queryOptions({ parameters = [] }: Operation): CommandOption[] {
  return parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, schema, required = false, description = "" }) =>
      option(name, "query", schema, required, description),
    );
}

function bodyOptions({ components }: Document, { requestBody }: Operation): CommandOption[] {
  const schema = requestBody?.content["application/json"].schema;
  const name = schema?.$ref?.split("/").at(-1);
  const body = name === undefined ? schema : components.schemas[name];
  return Object.entries(body?.properties ?? {}).map(([field, property]) =>
    option(field, "body", property, body?.required?.includes(field) ?? false, property.description ?? ""),
  );
}

function option(
  field: string,
  place: "query" | "body",
  schema: Schema,
  required: boolean,
  text: string,
): CommandOption {
  return { field, in: place, type: firstTypeOf(schema) ?? "string", required, description: text.split("\n")[0] ?? "" };
}

/** Of what may be null: what else it may be. */
function firstTypeOf({ type, anyOf }: Schema): string | undefined {
  if (Array.isArray(type)) return type[0];
  return type ?? anyOf?.find((one) => one.type !== "null")?.type?.toString();
}

/** `ssh_keys` → `ssh-keys`. */
export function optionName({ field }: CommandOption): string {
  return field.replaceAll("_", "-");
}
