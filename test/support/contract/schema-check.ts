import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { DOCUMENT } from "./document.ts";

/**
 * A JSON Schema validator of its own, on the file: it finds what generator and views have wrong together. Objects are closed for it; the file leaves those of answers
 * open, since clients have to bear fields that are added later.
 */
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "contract", $defs: absolute(closed(DOCUMENT.components.schemas)) });

const compiled = new Map<object, ValidateFunction>();

/** What is wrong with the value, one line each. */
export function schemaIssues(schema: object, value: unknown, what: string): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(absolute(closed(schema)) as object);
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${what}${instancePath} ${message ?? "is wrong"} ${JSON.stringify(params)}`;
  });
}

/** The same schema, in which no object may have what is not described. */
function closed(schema: unknown): unknown {
  return mapObjects(schema, (object) =>
    object["type"] === "object" && object["properties"] !== undefined && object["additionalProperties"] === undefined
      ? { ...object, additionalProperties: false }
      : object,
  );
}

/** References into the file are found from any schema of it. */
function absolute(schema: unknown): unknown {
  return mapObjects(schema, (object) =>
    typeof object["$ref"] === "string"
      ? { ...object, $ref: object["$ref"].replace("#/components/schemas/", "contract#/$defs/") }
      : object,
  );
}

function mapObjects(value: unknown, change: (object: Record<string, unknown>) => object): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, mapObjects(part, change)]);
  return change(Object.fromEntries(entries) as Record<string, unknown>);
}
