import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allEndpoints } from "../../src/api/endpoints.ts";
import { SCOPES } from "../../src/api/scopes.ts";

const ENDPOINTS = allEndpoints("");

function quoted(scope: string): string {
  return `\`${scope}\``;
}

/** The table of docs/api.md, "Who may call what". */
function table(): string[] {
  const text = readFileSync("docs/api.md", "utf8");
  const section = text.slice(text.indexOf("## Who may call what"));
  return section.split("\n").filter((line) => /^\| `(GET|POST|PATCH|DELETE) /.test(line));
}

/** The definition says what is enforced, the table what was meant: a scope that is changed by mistake, or a call that nobody thought about, is a difference. */
describe("the table of routes and scopes in docs/api.md", () => {
  it("is what the definitions of the calls say, in their order, no more and no less", () => {
    const rows = ENDPOINTS.map(({ method, path, scopes }) => {
      const who = scopes === null ? "anybody" : scopes === "any" ? "any key" : scopes.map(quoted).join(" or ");
      return `| \`${method.toUpperCase()} ${path.replace(":id", "{id}")}\` | ${who} |`;
    });
    expect(table()).toEqual(rows);
  });

  it("has a call for every scope that can be granted", () => {
    const used = new Set(ENDPOINTS.flatMap(({ scopes }) => (scopes === "any" ? [] : (scopes ?? []))));
    expect([...used].sort()).toEqual(Object.keys(SCOPES).sort());
  });
});
