import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAccountCommand } from "../../scripts/cli/accounts.ts";
import { UsageError } from "../../scripts/cli/request.ts";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import { createAuthenticator } from "../../src/services/authenticate.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createTestStore, query } from "../support/database.ts";

const pepper = randomBytes(32);
const logger = createLogger({ level: "silent", name: "test" });
let test: Awaited<ReturnType<typeof createTestStore>>;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.close());

function run(line: string, environment: Record<string, string> = {}): Promise<unknown> {
  const settings = { DATABASE_URL: test.databaseUrl, CLOUDNEXUS_API_KEY_PEPPER: pepper.toString("base64") };
  return runAccountCommand(line.split(" "), { ...settings, ...environment });
}

function authenticate(token: string) {
  const apiTokenHasher = new ApiTokenHasher([pepper]);
  return createAuthenticator({ store: test.store, apiTokenHasher, bootstrapApiKey: null, logger })(token);
}

describe("cloudnexus account", () => {
  it("create makes an account and a full-access key that the API takes", async () => {
    const made = (await run("create --name acme --reason test")) as { id: string; api_key: string };
    expect(made).toMatchObject({ id: expect.stringMatching(/^acc_/), name: "acme" });
    expect(await authenticate(made.api_key)).toMatchObject({ accountId: made.id, scopes: ["*"] });
    await expect(run("create --name acme --reason test")).rejects.toMatchObject({ code: "name_taken" });
  });

  it("add-key lets an account in again that has lost its keys", async () => {
    const { id } = (await run("create --name locked-out --reason test")) as { id: string };
    const { api_key: key } = (await run("add-key --name locked-out --key recovery --reason test")) as {
      api_key: string;
    };
    expect(await authenticate(key)).toMatchObject({ accountId: id });
    await expect(run("add-key --name locked-out --key recovery --reason test")).rejects.toMatchObject({
      code: "name_taken",
    });
    await expect(run("add-key --name nobody --key recovery --reason test")).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("add-key makes a key for operators, which full access is not", async () => {
    await run("create --name operators --reason test");
    const { api_key: key } = (await run("add-key --name operators --key ops --scope operator --reason test")) as {
      api_key: string;
    };
    expect(await authenticate(key)).toMatchObject({ scopes: ["operator"] });
    await expect(run("add-key --name operators --key ops-2 --scope root --reason test")).rejects.toThrow(UsageError);
  });

  it("list counts keys, and tokens that the newest pepper has not taken over yet", async () => {
    const { id } = (await run("create --name counted --reason test")) as { id: string };
    const listed = async (peppers: Buffer[]) => {
      const setting = peppers.map((secret) => secret.toString("base64")).join(",");
      return ((await run("list", { CLOUDNEXUS_API_KEY_PEPPER: setting })) as { id: string }[]).find((a) => a.id === id);
    };
    expect(await listed([pepper])).toMatchObject({ name: "counted", api_keys: 1, tokens_under_older_peppers: 0 });
    expect(await listed([randomBytes(32), pepper])).toMatchObject({ tokens_under_older_peppers: 1 });
  });

  it("limits shows and sets what an account may have", async () => {
    await run("create --name limited --reason test");
    const quotas = async (line: string) => ((await run(line)) as { quotas: Record<string, object> }).quotas;
    expect(await quotas("limits --name limited")).toMatchObject({
      servers: { limit: "default", used: 0 },
      api_keys: { limit: "default", used: 1 },
    });
    await run("limits --name limited --servers 5 --memory-mib 2048 --reason paid");
    expect(await quotas("limits --name limited --servers default --reason unpaid")).toMatchObject({
      servers: { limit: "default" },
      memory_mib: { limit: 2048 },
    });
    await expect(run("limits --name nobody")).rejects.toMatchObject({ code: "not_found" });
  });

  it("writes what it changes to the audit log: why, before and after, and no key of the API", async () => {
    const { id } = (await run("create --name audited --reason signed-up")) as { id: string };
    await run("limits --name audited");
    await run("limits --name audited --servers 5 --reason paid");
    await run("add-key --name audited --key ops --scope operator --reason on-call");
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
    await expect(run(line)).rejects.toThrow(/needs --reason/);
  });

  it.each([
    "limits",
    "limits --name a --servers -1",
    "limits --name a --vcpus 1.5",
    "create --name a --servers 1 --reason b",
  ])("%s is refused in one line", async (line) => {
    await expect(run(line)).rejects.toThrow(UsageError);
  });

  it.each([
    "create",
    "create --name - --reason b",
    "create --name a --key b --reason c",
    "add-key --name a --reason b",
    "list --name a",
    "delete",
  ])("%s is refused in one line", async (line) => {
    await expect(run(line)).rejects.toThrow(UsageError);
  });

  it("makes no pepper in a data folder that has none", async () => {
    const folder = { CLOUDNEXUS_API_KEY_PEPPER: "", CLOUDNEXUS_DATA_DIR: "/nowhere" };
    await expect(run("list", folder)).rejects.toThrow(/CLOUDNEXUS_API_KEY_PEPPER: is not set/);
  });
});
