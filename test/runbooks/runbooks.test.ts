import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EXIT } from "../../scripts/cli/exit-codes.ts";
import { ERROR_TEXTS } from "../../src/api/openapi/error-texts.ts";
import { AUDIT_CLASSES } from "../../src/domain/audit-classes.ts";
import { ERROR_CODES, OPERATORS_CODES } from "../../src/domain/error-codes.ts";
import { type AnsweringApi, startAnsweringApi } from "../support/answering-api.ts";
import { runCli } from "../support/command-line.ts";
import { findOperation, resolved } from "../support/contract/document.ts";
import { schemaIssues } from "../support/contract/schema-check.ts";
import { commandLines, readRunbook, sectionsOf, shellWords, sourcesOf } from "../support/runbooks.ts";

/** The runbooks say what there is: a section for each alarm and code and for nothing else, and commands, calls, files and sections that are there. */

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}
const rules = (parse(read("deploy/alerts.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

const FILES = ["README.md", "alarms.md", "operators.md", "customers.md"];
const sections = ["alarms.md", "operators.md", "customers.md"].flatMap(sectionsOf);
const headingsIn = (file: string) => sections.filter((section) => section.file === file).map(({ heading }) => heading);
const sorted = (names: Iterable<string>) => [...names].sort();

const isOperators = (code: string) => ERROR_TEXTS[code as keyof typeof ERROR_TEXTS].actor.includes("operator");
const codes = Object.keys(ERROR_CODES);

/** What the commands are about. */
const NAMES = {
  ACTION: "act_vea3xdzj4fjk26zt3giq6xg2",
  RESOURCE: "srv_vea3xdzj4fjk26zt3giq6xg2",
  REQUEST: "req_vea3xdzj4fjk26zt3giq6xg2",
  ACCOUNT: "acc_vea3xdzj4fjk26zt3giq6xg2",
  REGION: "us-east-1",
  CODE: "boot_timeout",
  PROJECT: "cloudnexus-us-east-1",
};

describe("the sections", () => {
  it("are one for each alarm, and no other", () => {
    expect(sorted(headingsIn("alarms.md"))).toEqual(sorted(rules.map(({ alert }) => alert)));
  });

  it("are one for each error code, in the file of those who act, and no other", () => {
    expect(sorted(headingsIn("operators.md"))).toEqual(sorted(codes.filter(isOperators)));
    expect(sorted(headingsIn("customers.md"))).toEqual(sorted(codes.filter((code) => !isOperators(code))));
  });

  it.each(sections.map((section) => [section.heading, section] as const))(
    "%s says how to look, what to do and when it is over",
    (_heading, { text }) => {
      const parts = [...text.matchAll(/\*\*(Look|Do|Over)\*\*/g)].map(([, part]) => part);
      expect(parts).toEqual(["Look", "Do", "Over"]);
      expect(text.slice(0, text.indexOf("**Look**")).trim().length).toBeGreaterThan(20);
    },
  );
});

describe("the alarms", () => {
  it("name their runbook and how urgent they are", () => {
    for (const { alert, labels, annotations } of rules) {
      expect(annotations.runbook).toBe(`docs/runbooks/alarms.md#${alert.toLowerCase()}`);
      expect(["page", "ticket"]).toContain(labels.severity);
      expect(annotations.summary).not.toBe("");
    }
  });

  it("watch every code with which an action fails that operators have to mend", () => {
    const watched = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/code=~?"([^"]+)"/g)].flatMap(([, of = ""]) => of.split("|")),
    );
    expect(sorted(watched)).toEqual(sorted(OPERATORS_CODES));
    for (const code of OPERATORS_CODES) expect(isOperators(code), code).toBe(true);
  });
});

describe("what the runbooks name", () => {
  const texts = FILES.map((file) => [file, readRunbook(file)] as const);

  it.each(texts)("%s: links lead to files and headings that are there", (file, text) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      const { pathname, hash } = new URL(link, `http://docs/docs/runbooks/${file}`);
      const headings = [...read(pathname.slice(1)).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slug(heading));
      if (hash !== "") expect(headings, link).toContain(hash.slice(1));
    }
  });

  it.each(texts)("%s: calls of the API are in its contract", (_file, text) => {
    for (const [, method = "", path = ""] of text.matchAll(
      /\b(GET|POST|PATCH|DELETE) (\/(?:v1\/[\w/{}-]+|healthz|readyz))/g,
    )) {
      expect(findOperation(method, path.replace("{id}", NAMES.ACTION)), `${method} ${path}`).not.toBeNull();
    }
    for (const [, path = ""] of text.matchAll(/\$CLOUDNEXUS_URL(\/[\w/]*)/g)) {
      expect(findOperation("GET", path), path).not.toBeNull();
    }
  });

  it.each(texts)("%s: codes, classes and variables are there", (_file, text) => {
    for (const [, code = ""] of text.matchAll(/(?:"error_code":"|\bcode="|^reasons )([a-z_]+)\b/gm)) {
      expect(codes).toContain(code);
    }
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    for (const [, script = ""] of text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
      expect(Object.keys(scripts), script).toContain(script);
    }
    const settings = read("README.md");
    for (const [name] of text.matchAll(/\bCLOUDNEXUS_[A-Z_]+\b/g)) {
      // Where the command line finds the API and its key.
      if (name !== "CLOUDNEXUS_URL" && name !== "CLOUDNEXUS_API_KEY") expect(settings, name).toContain(name);
    }
  });

  it("of log lines is what is logged", () => {
    const sources = ["src", "activities", "workflows"];
    const code = sources.map(sourcesOf).join("\n");
    for (const [file, text] of texts) {
      const messages = [...text.matchAll(/"msg":"(\(?)([^"]+)"/g)].flatMap(([, group, words = ""]) =>
        group === "" ? [words] : words.replace(/\)$/, "").split("|"),
      );
      for (const message of messages) expect(code.includes(`"${message}"`), `${file}: ${message}`).toBe(true);
    }
  });
});

describe("the commands", () => {
  let api: AnsweringApi;
  let dataDir: string;
  beforeAll(async () => {
    api = await startAnsweringApi();
    dataDir = mkdtempSync(join(tmpdir(), "cn-runbooks-"));
  });
  afterAll(async () => {
    await api.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const lines = FILES.flatMap((file) =>
    commandLines(readRunbook(file), "cloudnexus").map((line) => [file, line] as const),
  );

  it("are many", () => {
    expect(lines.length).toBeGreaterThan(100);
  });

  it.each(lines)("%s: %s", async (_file, line) => {
    const [, ...words] = shellWords(line.replaceAll("…", "vea3xdzj4fjk26zt3giq6xg2"), NAMES);
    const environment = {
      CLOUDNEXUS_URL: api.url,
      CLOUDNEXUS_API_KEY: "cn_live_sk_test",
      CLOUDNEXUS_DATA_DIR: dataDir,
    };
    const { exitCode, err } = await runCli(words, { environment });
    expect(exitCode, err).not.toBe(EXIT.usage);

    const asked = api.take();
    // `account` works on the database, and `help` asks nobody.
    if (words[0] !== "account" && words[0] !== "help") expect(asked).toHaveLength(1);
    for (const { method, path, query, body } of asked) {
      const operation = findOperation(method, path);
      expect(operation, `${method} ${path}`).not.toBeNull();
      const parameters = (operation?.parameters ?? []).map(resolved).filter((parameter) => parameter.in === "query");
      for (const [name, text] of query) {
        const parameter = parameters.find((one) => one.name === name);
        expect(parameter, `${path} takes no ${name}`).toBeDefined();
        const { schema } = parameter ?? { schema: {} };
        expect(schemaIssues(schema, valueOf(schema, text), name)).toEqual([]);
      }
      const schema = operation?.requestBody?.content["application/json"]?.schema;
      if (schema) expect(schemaIssues(schema, body, `${method} ${path}`)).toEqual([]);
    }
  });

  it("name classes of the auditor", () => {
    const named = lines.flatMap(([, line]) => /--class (\S+)/.exec(line)?.[1]?.split(",") ?? []);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect(AUDIT_CLASSES).toContain(name);
  });
});

function valueOf({ type }: { type?: string }, text: string): unknown {
  if (type === "integer") return Number(text);
  return type === "boolean" ? text === "true" : text;
}

/** As GitHub makes an anchor of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
