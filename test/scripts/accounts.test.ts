import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import { createAuthenticator } from "../../src/services/authenticate.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { type Ran, runCli } from "../support/command-line.ts";
import { createTestStore, query } from "../support/database.ts";

const pepper = randomBytes(32);
const logger = createLogger({ level: "silent", name: "test" });
let test: Awaited<ReturnType<typeof createTestStore>>;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

function run(line: string, environment: Record<string, string> = {}, isTerminal = false): Promise<Ran> {
  const settings = { DATABASE_URL: test.databaseUrl, CLOUDNEXUS_API_KEY_PEPPER: pepper.toString("base64") };
  return runCli(["account", ...line.split(" ")], { environment: { ...settings, ...environment }, isTerminal });
}

/** What a line answers that succeeds. */
async function done(line: string, environment: Record<string, string> = {}): Promise<unknown> {
  const { exitCode, out, err } = await run(line, environment);
  expect(exitCode, err).toBe(0);
  return JSON.parse(out);
}

function authenticate(token: string) {
  const apiTokenHasher = new ApiTokenHasher([pepper]);
  return createAuthenticator({ store: test.store, apiTokenHasher, bootstrapApiKey: null, logger })(token);
}

describe("cloudnexus account", () => {
  it("create makes an account and a full-access key that the API takes", async () => {
    const made = (await done("create --name acme --reason test")) as { id: string; api_key: string };
    expect(made).toMatchObject({ id: expect.stringMatching(/^acc_/), name: "acme" });
    expect(await authenticate(made.api_key)).toMatchObject({ accountId: made.id, scopes: ["*"] });
    expect(await run("create --name acme --reason test")).toMatchObject({
      exitCode: 1,
      out: "",
      err: expect.stringMatching(/^name_taken: /),
    });
  });

  it("add-key lets an account in again that has lost its keys", async () => {
    const { id } = (await done("create --name locked-out --reason test")) as { id: string };
    const { api_key: key } = (await done("add-key --name locked-out --key recovery --reason test")) as {
      api_key: string;
    };
    expect(await authenticate(key)).toMatchObject({ accountId: id });
    expect(await run("add-key --name locked-out --key recovery --reason test")).toMatchObject({
      exitCode: 1,
      out: "",
      err: expect.stringMatching(/^name_taken: /),
    });
    expect(await run("add-key --name nobody --key recovery --reason test")).toMatchObject({
      exitCode: 1,
      out: "",
      err: expect.stringMatching(/^not_found: /),
    });
  });

  it("add-key makes a key for operators, which full access is not", async () => {
    await done("create --name operators --reason test");
    const { api_key: key } = (await done("add-key --name operators --key ops --scope operator --reason test")) as {
      api_key: string;
    };
    expect(await authenticate(key)).toMatchObject({ scopes: ["operator"] });
    expect((await run("add-key --name operators --key ops-2 --scope root --reason test")).exitCode).toBe(2);
  });

  it("list counts keys, and tokens that the newest pepper has not taken over yet", async () => {
    const { id } = (await done("create --name counted --reason test")) as { id: string };
    const listed = async (peppers: Buffer[]) => {
      const setting = peppers.map((secret) => secret.toString("base64")).join(",");
      return ((await done("list", { CLOUDNEXUS_API_KEY_PEPPER: setting })) as { id: string }[]).find(
        (a) => a.id === id,
      );
    };
    expect(await listed([pepper])).toMatchObject({ name: "counted", api_keys: 1, tokens_under_older_peppers: 0 });
    expect(await listed([randomBytes(32), pepper])).toMatchObject({ tokens_under_older_peppers: 1 });
  });

  it("limits shows and sets what an account may have", async () => {
    await done("create --name limited --reason test");
    const quotas = async (line: string) => ((await done(line)) as { quotas: Record<string, object> }).quotas;
    expect(await quotas("limits --name limited")).toMatchObject({
      servers: { limit: "default", used: 0 },
      api_keys: { limit: "default", used: 1 },
    });
    await done("limits --name limited --servers 5 --memory-mib 2048 --reason paid");
    expect(await quotas("limits --name limited --servers default --reason unpaid")).toMatchObject({
      servers: { limit: "default" },
      memory_mib: { limit: 2048 },
    });
    expect(await run("limits --name nobody")).toMatchObject({
      exitCode: 1,
      out: "",
      err: expect.stringMatching(/^not_found: /),
    });
  });

  it("writes what it changes to the audit log: why, before and after, and no key of the API", async () => {
    const { id } = (await done("create --name audited --reason signed-up")) as { id: string };
    await done("limits --name audited");
    await done("limits --name audited --servers 5 --reason paid");
    await done("add-key --name audited --key ops --scope operator --reason on-call");
    const rows = await query(
      test.databaseUrl,
      "SELECT event, resource_id, api_key_id, reason, before, after FROM audit_events WHERE account_id = $1 ORDER BY created_at, event",
      [id],
    );
    const [api_key_id, resource_id, before] = [null, id, null];
    expect(rows).toMatchObject([
      { event: "account.create", resource_id, api_key_id, reason: "signed-up", before, after: { name: "audited" } },
      { event: "api_key.create", api_key_id, reason: "signed-up", before, after: { name: "owner", scopes: ["*"] } },
      {
        event: "account.limits",
        resource_id,
        api_key_id,
        reason: "paid",
        before: { servers: null },
        after: { servers: 5 },
      },
      { event: "api_key.create", api_key_id, reason: "on-call", before, after: { name: "ops", scopes: ["operator"] } },
    ]);
  });

  it.each([
    "create --name a",
    "add-key --name a --key b",
    "limits --name a --servers 1",
    "limits --name a --servers 1 --reason ",
  ])("%s is refused: it does not say why", async (line) => {
    expect(await run(line)).toMatchObject({ exitCode: 2, out: "", err: expect.stringContaining("--reason") });
  });

  it.each([
    "limits",
    "limits --name a --servers -1",
    "limits --name a --vcpus 1.5",
    "create --name a --servers 1 --reason b",
    "create",
    "create --name - --reason b",
    "create --name a --key b --reason c",
    "add-key --name a --reason b",
    "add-key --name a --key - --reason b",
    "list --name a",
    "delete",
  ])("%s is a command line that is wrong", async (line) => {
    expect(await run(line)).toMatchObject({ exitCode: 2, out: "" });
  });

  it("is a table on a terminal, unless JSON is asked for", async () => {
    await done("create --name shown --reason test");
    expect((await run("list", {}, true)).out).toMatch(/^ID +NAME +CREATED AT +API KEYS[^]*acc_\w+ +shown /);
    expect((await run("limits --name shown", {}, true)).out).toMatch(/^quotas.api_keys +limit=default used=1$/m);
    expect(JSON.parse((await run("list -o json", {}, true)).out)).toContainEqual(
      expect.objectContaining({ name: "shown" }),
    );
  });

  it("makes no pepper in a data folder that has none", async () => {
    const folder = { CLOUDNEXUS_API_KEY_PEPPER: "", CLOUDNEXUS_DATA_DIR: "/nowhere" };
    expect(await run("list", folder)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("CLOUDNEXUS_API_KEY_PEPPER: is not set"),
    });
  });
});
