import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants.ts";

describe("the defects that the suite is tried with", () => {
  it.each(MUTANTS)("$name: its text stands in $file once", ({ file, find, replace }) => {
    expect(readFileSync(file, "utf8").split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  });

  it("name test files that there are", () => {
    const missing = MUTANTS.flatMap(({ tests }) => tests).filter((test) => !existsSync(`${test}.test.ts`));
    expect(missing).toEqual([]);
  });

  it("have names of their own", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});
