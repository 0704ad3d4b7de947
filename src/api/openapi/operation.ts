import { costOf, type Endpoint } from "../endpoint.ts";
import { errorDocsUrl } from "../envelope.ts";
import { shownId } from "../schemas/shown.ts";
import type { Scope } from "../scopes.ts";
import type { AnswerObjects } from "./answer-objects.ts";
import { codeSamples } from "./code-samples.ts";
import type { JsonSchema, JsonSchemas } from "./json-schema.ts";
import { PUBLISHED_ADDRESS } from "./published-address.ts";
import { refusalsOf } from "./refusals.ts";
import { sampleRequest } from "./sample-request.ts";

/** The Operation Object of an endpoint. */
export function operation(endpoint: Endpoint, schemas: JsonSchemas, answers: AnswerObjects): object {
  const { scopes, body, docs } = endpoint;
  const parameters = parametersOf(endpoint, schemas);
  return {
    operationId: docs.operationId,
    tags: [docs.tag],
    summary: docs.summary,
    description: describe(endpoint),
    // OpenAPI 3.1 lets the roles be named that a key needs. One of these requirements is enough.
    security: requirements(scopes),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: schemas.of(body),
            ...(docs.sample?.body && { example: docs.sample.body }),
          },
        },
      },
    }),
    responses: answers.of(endpoint),
    "x-cost": costOf(endpoint),
    "x-codeSamples": codeSamples(sampleRequest(endpoint)),
  };
}

function parametersOf({ id, query, method, isResumable }: Endpoint, schemas: JsonSchemas): object[] {
  return [
    ...(id === undefined ? [] : [{ name: "id", in: "path", required: true, schema: schemas.of(shownId(id)) }]),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => {
      const { description, ...rest } = schemas.of(schema as Parameters<JsonSchemas["of"]>[0]) as JsonSchema & {
        description?: string;
      };
      return { name, in: "query", required: false, ...(description !== undefined && { description }), schema: rest };
    }),
    ...(isResumable ? [{ $ref: "#/components/parameters/LastEventId" }] : []),
    ...(method === "get" ? [] : [{ $ref: "#/components/parameters/IdempotencyKey" }]),
  ];
}

/** For people: what it does, what it needs, what it costs, what can go wrong. */
function describe(endpoint: Endpoint): string {
  const { docs, scopes } = endpoint;
  const failures = refusalsOf(endpoint).filter(({ isCommon }) => !isCommon);
  return [
    docs.description,
    `**Needs** ${needs(scopes)}`,
    `**Costs** ${lowerFirst(docs.costs)}`,
    `**Takes** ${points(endpoint)}`,
    ...(failures.length === 0
      ? []
      : [
          [
            "**What can go wrong**, besides what can with every call:",
            "",
            "| | |",
            "|---|---|",
            ...failures.map(
              ({ code, status, when }) =>
                `| ${status} [\`${code}\`](${errorDocsUrl(PUBLISHED_ADDRESS, code)}) | ${when} |`,
            ),
          ].join("\n"),
        ]),
  ].join("\n\n");
}

function requirements(scopes: Endpoint["scopes"]): { apiKey: Scope[] }[] {
  if (scopes === null) return [];
  return scopes === "any" ? [{ apiKey: [] }] : scopes.map((scope) => ({ apiKey: [scope] }));
}

function needs(scopes: Endpoint["scopes"]): string {
  if (scopes === null) return "no API key.";
  if (scopes === "any") return "an API key, whatever its scopes.";
  return `an API key with the scope ${scopes.map((scope) => `\`${scope}\``).join(" or ")}.`;
}

function points(endpoint: Endpoint): string {
  const cost = costOf(endpoint);
  if (endpoint.scopes === null)
    return cost === 0 ? "no points: it is never limited." : "no points of an API key: it is limited by address.";
  return `${cost} ${cost === 1 ? "point" : "points"} of the API key's rate limit.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
