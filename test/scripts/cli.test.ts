import { describe, expect, it } from "vitest";
import { readCommands } from "../../scripts/cli/commands.ts";
import { toRequest, UsageError } from "../../scripts/cli/request.ts";
import { DOCUMENT } from "../support/contract/document.ts";

const commands = readCommands();
const KEY = "cn_live_sk_test";

function requestOf(line: string) {
  const [name, ...words] = shellWords(line);
  return toRequest(commands.find((command) => command.name === name)!, words, KEY);
}

/** As a shell takes a sample apart: quotes, and lines that go on. */
function shellWords(line: string): string[] {
  return [...line.replaceAll("\\\n", " ").matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
}

const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: operation.operationId, path, method, operation })),
);

describe("the commands", () => {
  it.each(operations)("the CLI sample of $name sends what the example sends", ({ path, method, operation }) => {
    const sample = operation["x-codeSamples"].find(({ label }) => label === "CLI")!.source;
    const curl = operation["x-codeSamples"].find(({ label }) => label === "cURL")!.source;
    const request = requestOf(sample.replace(/^cloudnexus /, ""));
    expect(request.method).toBe(method.toUpperCase());
    expect(request.path.split("?")[0]).toMatch(new RegExp(`^${path.replace("{id}", "[a-z]+_[a-z2-7]{24}")}$`));
    expect(curl).toContain(request.path);
    const example = operation.requestBody?.content["application/json"]?.example;
    expect(request.body === null ? undefined : JSON.parse(request.body)).toEqual(example);
  });

  it("take labels as pairs or as JSON", () => {
    const server = "create-server --name a --plan b --region c --labels";
    expect(JSON.parse(requestOf(`${server} env=prod,team=a`).body!)).toMatchObject({
      labels: { env: "prod", team: "a" },
    });
    expect(JSON.parse(requestOf(`${server} '{"env":"prod"}'`).body!)).toMatchObject({ labels: { env: "prod" } });
  });

  it("send an Idempotency-Key with every change, the given one if there is one", () => {
    expect(requestOf("delete-server srv_a").headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(requestOf("delete-server srv_a --idempotency-key again").headers["idempotency-key"]).toBe("again");
    expect(requestOf("list-servers").headers["idempotency-key"]).toBeUndefined();
  });

  it.each([
    ["get-server", /needs an id/],
    ["list-servers srv_a", /does not take srv_a/],
    ["create-server --plan a", /needs --name/],
    ["list-servers --colour red", /colour/],
    ["create-server --name a --plan b --region c --labels env", /key=value/],
  ])("%s is refused in one line", (line, message) => {
    expect(() => requestOf(line)).toThrow(UsageError);
    expect(() => requestOf(line)).toThrow(message);
  });
});
