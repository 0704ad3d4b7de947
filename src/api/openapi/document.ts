import { allEndpoints } from "../endpoints.ts";
import { TAGS } from "../tags.ts";
import { AnswerObjects } from "./answer-objects.ts";
import { HEADERS, IDEMPOTENCY_KEY, LAST_EVENT_ID } from "./header-objects.ts";
import { introduction } from "./introduction.ts";
import { JsonSchemas } from "./json-schema.ts";
import { operation } from "./operation.ts";
import { PUBLISHED_ADDRESS } from "./published-address.ts";

/** The version of the public API, as published. */
const API_VERSION = "1.4.2";

/** The whole API as an OpenAPI 3.1 document: what `npm run openapi` writes into openapi/openapi.json. No process makes it while it serves requests. */
export function openApiDocument(): object {
  const schemas = new JsonSchemas();
  const answers = new AnswerObjects(schemas);
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of allEndpoints("")) {
    const path = endpoint.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint, schemas, answers) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "CloudNexus API",
      version: API_VERSION,
      summary: "Servers and managed databases on your own hosts.",
      description: introduction(),
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: PUBLISHED_ADDRESS }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "cn_live_sk_…",
          description:
            "An API key, as `Authorization: Bearer cn_live_sk_…`. The roles of a requirement are the scopes that it needs.",
        },
      },
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY, LastEventId: LAST_EVENT_ID },
      headers: HEADERS,
      responses: sorted(answers.components),
      schemas: sorted(schemas.components),
    },
  };
}

function sorted<T>(components: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
}
