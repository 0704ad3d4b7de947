import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printEvents } from "../../scripts/cli/events.ts";
import { EXIT, EXIT_MEANINGS } from "../../scripts/cli/exit-codes.ts";
import { type AnsweringApi, startAnsweringApi } from "../support/answering-api.ts";
import { type Ran, runCli } from "../support/command-line.ts";
import { DOCUMENT, findOperation, resolved } from "../support/contract/document.ts";

/** The command line against an API that answers every call with the example of its documentation. */

let api: AnsweringApi;
beforeAll(async () => {
  api = await startAnsweringApi(exampleOf);
});
afterAll(() => api.close());

function exampleOf({ method, path }: { method: string; path: string }) {
  const { responses = {} } = findOperation(method, path) ?? {};
  const [status = "", response] = Object.entries(responses).find(([code]) => code.startsWith("2")) ?? [];
  const [type = "", content] = Object.entries(response ? resolved(response).content : {})[0] ?? [];
  const example = content?.example ?? Object.values(content?.examples ?? {})[0]?.value ?? {};
  return { status: Number(status), type, text: typeof example === "string" ? example : JSON.stringify(example) };
}

function run(line: string, around: { isTerminal?: boolean } = {}, key = "cn_live_sk_test"): Promise<Ran> {
  return runCli(shellWords(line), { environment: { CLOUDNEXUS_URL: api.url, CLOUDNEXUS_API_KEY: key }, ...around });
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
const nameOf = (operationId: string) => operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const isJsonAnswer = ({ name }: { name: string }) => name !== "followEvents" && name !== "getDatabaseCa";

function sampleOf({ operation }: (typeof operations)[number], label = "CLI"): string {
  return operation["x-codeSamples"].find((sample) => sample.label === label)!.source.replace(/^cloudnexus /, "");
}

/** What one command line asks for. */
async function asked(line: string) {
  api.take();
  const { err } = await run(line);
  const [one] = api.take();
  if (!one) throw new Error(err);
  return one;
}

describe("the commands of calls", () => {
  it.each(operations)("the CLI sample of $name sends what the example sends", async (of) => {
    const request = await asked(sampleOf(of));
    expect(request.method).toBe(of.method.toUpperCase());
    expect(request.path).toMatch(new RegExp(`^${of.path.replace("{id}", "[a-z]+_[a-z2-7]{24}")}$`));
    const query = request.query.size === 0 ? "" : `?${request.query.toString()}`;
    expect(sampleOf(of, "cURL")).toContain(`${request.path}${query}`);
    const example = of.operation.requestBody?.content["application/json"]?.example;
    expect(request.body ?? undefined).toEqual(example);
  });

  it.each(operations.filter(isJsonAnswer))("$name is told as a table on a terminal, as JSON elsewhere", async (of) => {
    const { text } = exampleOf(await asked(sampleOf(of)));
    const piped = await run(sampleOf(of));
    expect(piped).toMatchObject({ exitCode: 0, err: "" });
    expect(JSON.parse(piped.out)).toEqual(JSON.parse(text));
    expect(await run(`${sampleOf(of)} --output json`, { isTerminal: true })).toEqual(piped);
    const table = await run(sampleOf(of), { isTerminal: true });
    expect(table).toMatchObject({ exitCode: 0, err: "" });
    expect(table.out).not.toBe("");
    if (of.name !== "getOpenapiDocument") expect(table.out).not.toMatch(/^[{[]|undefined|\[object/m);
  });

  it("show a list as columns, and one thing as key and value", async () => {
    const list = (await run("list-servers", { isTerminal: true })).out;
    expect(list).toMatch(/^ID +NAME +PLAN +REGION[^]*\nsrv_\w+ +production-web-01 +pro +us-east-1 /);
    const one = (await run("get-server srv_vea3xdzj4fjk26zt3giq6xg2", { isTerminal: true })).out;
    expect(one).toMatch(/^id +srv_\w+$/m);
    expect(one).toMatch(/^labels +env=production$/m);
  });

  it("take labels as pairs or as JSON", async () => {
    const server = "create-server --name a --plan b --region c --labels";
    expect((await asked(`${server} env=prod,team=a`)).body).toMatchObject({ labels: { env: "prod", team: "a" } });
    expect((await asked(`${server} '{"env":"prod"}'`)).body).toMatchObject({ labels: { env: "prod" } });
  });

  it("send an Idempotency-Key with every change, the given one if there is one", async () => {
    expect((await asked("delete-server srv_a")).headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
    expect((await asked("delete-server srv_a --idempotency-key again")).headers["idempotency-key"]).toBe("again");
    expect((await asked("list-servers")).headers["idempotency-key"]).toBeUndefined();
  });
});

describe("a command line that is wrong", () => {
  it.each([
    ["get-server", "missing required argument 'id'"],
    ["get-server ''", "It is empty."],
    ["list-servers srv_a", "too many arguments"],
    ["create-server --plan a", "required option '--name"],
    ["list-servers --colour red", "unknown option '--colour'"],
    ["list-servers --regoin a", "(Did you mean --region?)"],
    ["list-serverz", "(Did you mean list-servers?)"],
    ["actions lst", "(Did you mean list?)"],
    ["holds ad", "(Did you mean add?)"],
    ["help actions retri", "(Did you mean retry?)"],
    ["create-server --name a --plan b --region c --labels env", "key=value"],
    ["list-servers --status gone", "Allowed choices are provisioning, "],
    ["list-servers --per-page many", "It is a whole number."],
    ["create-audit --repair perhaps", "It is true or false."],
    ["create-audit --classes volume_missing,nothing", "Allowed choices are "],
    ["list-servers -o yaml", "Allowed choices are table, json."],
    ["actions retry --region a --reason --dry-run", "It is an option."],
    ["actions retry --region a", "needs --reason"],
  ])("%s: is refused with 2, says why, and asks nothing", async (line, message) => {
    api.take();
    const { exitCode, out, err } = await run(line);
    expect({ exitCode, out }).toEqual({ exitCode: EXIT.usage, out: "" });
    expect(err).toContain(message);
    expect(api.take()).toEqual([]);
  });

  it("is one without a key, where the call takes one", async () => {
    for (const line of ["list-servers", "actions list"]) {
      expect(await run(line, {}, "")).toMatchObject({ exitCode: EXIT.usage, err: expect.stringContaining("_API_KEY") });
    }
    expect(await run("get-health", {}, "")).toMatchObject({ exitCode: EXIT.done });
  });
});

describe("help", () => {
  it("lists every call, every noun and every exit code", async () => {
    const { exitCode, out } = await run("--help");
    expect(exitCode).toBe(EXIT.done);
    for (const { name } of operations) expect(out).toMatch(new RegExp(`^  ${nameOf(name)} `, "m"));
    for (const noun of ["actions", "holds", "audit", "accounts", "keys", "workers", "regions", "queues", "account"]) {
      expect(out).toMatch(new RegExp(`^  ${noun} `, "m"));
    }
    for (const meaning of Object.values(EXIT_MEANINGS)) expect(out).toContain(meaning);
    expect((await runCli([], { environment: {} })).out).toBe(out);
    expect((await run("help")).out).toBe(out);
  });

  it.each([
    ["help create-server", "create-server --help", "--ssh-keys <a,b>"],
    ["help actions", "actions --help", "retry "],
    ["help actions retry", "actions retry --help", "--dry-run"],
    ["help accounts set-limits", "accounts set-limits -h", "--memory-mib <n|null>"],
  ])("%s says what %s says", async (help, option, part) => {
    const { exitCode, out, err } = await run(help);
    expect({ exitCode, err }).toEqual({ exitCode: EXIT.done, err: "" });
    expect(out).toContain(part);
    expect(out).toContain("-o, --output <format>");
    expect((await run(option)).out).toBe(out);
  });
});

describe("-o", () => {
  it.each(["-o json regions", "regions -o json", "regions list --output=json", "--output json regions list"])(
    "%s prints the answer, and nothing else",
    async (line) => {
      const { out, err } = await run(line, { isTerminal: true });
      expect(JSON.parse(out)).toMatchObject({ status: "success", data: [{ slug: "us-east-1" }] });
      expect(err).toBe("");
    },
  );

  it("table makes a table also where no terminal is", async () => {
    expect((await run("regions -o table")).out).toMatch(/^REGION +HOST +VCPUS/);
  });
});

describe("the exit code", () => {
  it("is documented in one table", () => {
    const docs = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
    const rows = [...docs.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code = "", meaning]) => [code, meaning]);
    expect(rows).toEqual(Object.entries(EXIT_MEANINGS));
  });

  it("is 1 where the API refuses, and the answer is told as it came", async () => {
    const refusing = await startAnsweringApi();
    const environment = { CLOUDNEXUS_URL: refusing.url, CLOUDNEXUS_API_KEY: "cn_live_sk_test" };
    for (const line of ["list-servers", "actions list -o json", "-o json actions watch act_a"]) {
      const { exitCode, out, err } = await runCli(line.split(" "), { environment });
      expect({ exitCode, err }).toEqual({ exitCode: EXIT.refused, err: "not_found: It answers nobody." });
      expect(JSON.parse(out)).toMatchObject({ status: "error", error: { code: "not_found" } });
    }
    expect(await runCli(["list-servers"], { environment, isTerminal: true })).toMatchObject({ out: "" });
    await refusing.close();
    const unreachable = { exitCode: EXIT.unreachable, out: "", err: expect.stringContaining("CLOUDNEXUS_URL") };
    expect(await runCli(["-o", "json", "list-servers"], { environment })).toEqual(unreachable);
  });

  it("is 5 where something else answers", async () => {
    const other = await startAnsweringApi(() => ({ status: 502, type: "text/html", text: "<h1>Bad gateway</h1>" }));
    const environment = { CLOUDNEXUS_URL: other.url, CLOUDNEXUS_API_KEY: "cn_live_sk_test" };
    expect(await runCli(["holds"], { environment })).toMatchObject({
      exitCode: EXIT.unreachable,
      out: "",
      err: expect.stringContaining("502 is not the API"),
    });
    await other.close();
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
  const [out, notes]: [string[], string[]] = [[], []];
  await printEvents(new Response(pieces), { print: (line) => out.push(line), tell: (line) => notes.push(line) });
  expect(out).toEqual(['{"id":"evt_2"}']);
  expect(notes).toEqual(["the stream has ended; go on with --last-event-id evt_3"]);
});
