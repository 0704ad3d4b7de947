import { describe, expect, it, vi } from "vitest";
import { readCommands } from "../../scripts/cli/commands.ts";
import { printEvents } from "../../scripts/cli/events.ts";
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
    ["get-server ''", /needs an id/],
    ["list-servers srv_a", /does not take srv_a/],
    ["create-server --plan a", /needs --name/],
    ["list-servers --colour red", /colour/],
    ["create-server --name a --plan b --region c --labels env", /key=value/],
  ])("%s is refused in one line", (line, message) => {
    expect(() => requestOf(line)).toThrow(UsageError);
    expect(() => requestOf(line)).toThrow(message);
  });
});

it("events are printed a line each, however they are cut, with where to go on in the end", async () => {
  const text =
    'retry: 2000\nid: evt_1\nevent: ready\ndata: {}\n\nid: evt_2\nevent: server.active\ndata: {"id":"evt_2"}\n\n: heartbeat\nid: evt_3\n\n';
  const pieces = new ReadableStream({
    start(controller) {
      for (const byte of new TextEncoder().encode(text)) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const notes = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    expect(await printEvents(new Response(pieces))).toBe(1);
    expect(out.mock.calls.map(([line]) => line)).toEqual(['{"id":"evt_2"}\n']);
    expect(notes.mock.calls.map(([line]) => line)).toEqual([
      "the stream has ended; go on with --last-event-id evt_3\n",
    ]);
  } finally {
    out.mockRestore();
    notes.mockRestore();
  }
});
