import { describe, expect, it } from "vitest";
import { DOCUMENT, type Operation, resolved } from "../support/contract/document.ts";
import { schemaIssues } from "../support/contract/schema-check.ts";

const operations = Object.values(DOCUMENT.paths)
  .flatMap((methods) => Object.values(methods))
  .map((operation) => ({ name: operation.operationId, operation }));

function examples({ responses, requestBody }: Operation): { what: string; schema: object; value: unknown }[] {
  const answers = Object.entries(responses).flatMap(([status, response]) =>
    Object.values(resolved(response).content).flatMap(({ schema, example, examples }) => {
      const values = examples ? Object.values(examples).map(({ value }) => value) : [example];
      return values.map((value) => ({ what: `answer ${status}`, schema, value }));
    }),
  );
  const sent = Object.values(requestBody?.content ?? {});
  return [...answers, ...sent.map(({ schema, example }) => ({ what: "request", schema, value: example }))];
}

describe("the examples of openapi/openapi.json", () => {
  it.each(operations)("$name: all are as their schemas say", ({ operation }) => {
    const shown = examples(operation);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.flatMap(({ what, schema, value }) => schemaIssues(schema, value, what))).toEqual([]);
  });
});
