import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/** What stays of a schema that is published in other words than its own (`.meta({ published })`). */
const KEPT = ["description", "examples", "id"];

/**
 * Turns the schemas that the API parses and types by into JSON Schema 2020-12. A schema with an `id` becomes a component, and is referred to wherever it is used.
 *
 * A rule in code (`custom`, `transform`) has no JSON Schema: such a schema has to say by `.meta({ published })` what is published of it, or this throws. So nothing gets into
 * the file as "anything" by oversight.
 */
export class JsonSchemas {
  readonly components: Record<string, JsonSchema> = {};

  of(schema: z.ZodType): JsonSchema {
    // As a property, so that a schema with an id is a reference here too. The type of what zod answers leaves open what an object with one property has.
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ root: schema }), {
      // What goes into a request, as it is written there; answers are the same either way.
      io: "input",
      unrepresentable: "any",
      override: publish,
    }) as unknown as { properties: { root: JsonSchema }; $defs?: Record<string, JsonSchema> };
    for (const [name, component] of Object.entries($defs)) this.add(name, component);
    return withComponentReferences(properties.root);
  }

  private add(name: string, component: JsonSchema): void {
    const added = withComponentReferences(component);
    const present = this.components[name];
    if (present && JSON.stringify(present) !== JSON.stringify(added)) {
      throw new Error(`two different schemas have the id ${name}`);
    }
    this.components[name] = added;
  }
}

function publish({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  const published = jsonSchema["published"] as JsonSchema | undefined;
  if (published) {
    for (const key of Object.keys(jsonSchema)) if (!KEPT.includes(key)) Reflect.deleteProperty(jsonSchema, key);
    Object.assign(jsonSchema, published);
  }
  const { type } = zodSchema._zod.def;
  const isRuleInCode = type === "custom" || type === "transform";
  const isRoot = Object.keys(jsonSchema).length > 0;
  if (isRuleInCode && isRoot && jsonSchema["type"] === undefined) {
    throw new Error(`a schema of type ${type} says nothing about itself: ${JSON.stringify(jsonSchema)}`);
  }
}

function withComponentReferences(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
}
