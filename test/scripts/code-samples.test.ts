import { spawnSync } from "node:child_process";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { DOCUMENT } from "../support/contract/document.ts";

/** The samples for programs parse, each as a whole file. What they send is what the CLI's and cURL's send (cli.test.ts); some are run in test/services/code-samples.test.ts. */

const samples = Object.values(DOCUMENT.paths)
  .flatMap((methods) => Object.values(methods))
  .map(({ operationId, "x-codeSamples": all }) => ({
    operationId,
    node: all.find(({ label }) => label === "Node.js")?.source ?? "",
    python: all.find(({ label }) => label === "Python")?.source ?? "",
  }));

const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** Reads the sources, and answers what is wrong with them, by operation. */
const PARSE = `
import ast, json, sys
wrong = {}
for name, source in json.load(sys.stdin).items():
    try:
        ast.parse(source, name)
    except SyntaxError as error:
        wrong[name] = str(error)
print(json.dumps(wrong))`;

function parsePython(sources: Record<string, string>): unknown {
  const { stdout, stderr } = spawnSync("python3", ["-c", PARSE], { input: JSON.stringify(sources), encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** As the body of a module: strict, and with `await` at its top. It is not run. */
function parseModule(source: string): Script {
  return new Script(`"use strict"; (async () => {\n${source}\n})`);
}

describe("the samples for Node.js", () => {
  it.each(samples)("$operationId parses", ({ node }) => {
    expect(node).toContain("fetch(");
    expect(parseModule(node)).toBeInstanceOf(Script);
  });

  it("would be seen to be broken", () => {
    expect(() => parseModule("const { data = await fetch();")).toThrow(SyntaxError);
  });
});

describe("the samples for Python", () => {
  it.skipIf(!hasPython)("parse, all of them", () => {
    expect(samples.filter(({ python }) => !python.includes("requests."))).toEqual([]);
    expect(parsePython(Object.fromEntries(samples.map(({ operationId, python }) => [operationId, python])))).toEqual(
      {},
    );
  });

  it.skipIf(!hasPython)("would be seen to be broken", () => {
    expect(parsePython({ broken: 'data = response.json()["data"' })).toHaveProperty("broken");
  });
});
