import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_TEXTS } from "../../src/api/openapi/error-texts.ts";
import { ERROR_CODES } from "../../src/domain/error-codes.ts";

const text = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

/** The rows of the tables: anchor, code, status, meaning, who acts, retry. */
const ROW = /^\| <a id="(\w+)"><\/a>`(\w+)` \| (\d+) \| (.+) \| (.+) \| (yes|no) \|$/gm;
const rows = [...text.matchAll(ROW)].map(([, anchor, code, status, meaning, actor, retry]) => ({
  anchor,
  code,
  status: Number(status),
  meaning,
  actor,
  retryable: retry === "yes",
}));

describe("docs/errors.md", () => {
  it("has every code once, in the order of the catalogue, and no other", () => {
    expect(rows.map((row) => row.code)).toEqual(Object.keys(ERROR_CODES));
  });

  it("gives status and retry as the code has them, under the anchor that docs_url points to", () => {
    const expected = Object.entries(ERROR_CODES).map(([code, { httpStatus, retryable }]) => ({
      anchor: code,
      code,
      status: httpStatus,
      retryable,
    }));
    expect(rows.map(({ anchor, code, status, retryable }) => ({ anchor, code, status, retryable }))).toEqual(expected);
  });

  it("has no row that the checks above can't read", () => {
    const tableRows = text.split("\n").filter((line) => line.startsWith("| <a"));
    expect(tableRows).toHaveLength(rows.length);
  });

  it("says what the reference page says", () => {
    const shown = rows.map(({ code, meaning, actor }) => [code, { meaning, actor }]);
    expect(Object.fromEntries(shown)).toEqual(ERROR_TEXTS);
  });

  it("says of each who acts", () => {
    for (const row of rows) expect(row.actor).toMatch(/^(you|operator|nobody)/);
  });
});
