import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { actOnDatabase } from "../../src/services/act-on-database.ts";
import { deleteResource } from "../../src/services/delete-resource.ts";
import type { Dependencies } from "../../src/services/dependencies.ts";
import type { RequestContext } from "../../src/services/services.ts";
import { updateDatabase } from "../../src/services/update-database.ts";
import { updateServer } from "../../src/services/update-server.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createTestStore, query } from "../support/database.ts";

/** Changes of what belongs to another account, on the rows alone: refused as for what never was, and without a trace. */

const ids = { server: newId("server"), database: newId("database") };
const PLACE = {
  accountId: "acc_mine",
  plan: "p",
  region: "us-east-1",
  size: { vcpus: 1, memoryMib: 512, diskGib: 10 },
};
const theirs: RequestContext = {
  principal: { accountId: "acc_theirs", apiKeyId: "ak_theirs", tokenId: "tok_theirs", scopes: ["*"] },
  requestId: "req",
  idempotency: null,
};

let test: Awaited<ReturnType<typeof createTestStore>>;
let dependencies: Dependencies;

beforeAll(async () => {
  test = await createTestStore();
  const { store } = test;
  dependencies = { store, logger: createLogger({ level: "silent", name: "test" }) } as Dependencies;
  const row = { ...PLACE, labels: {}, actionId: newId("action") };
  await store.servers.insert({ ...row, id: ids.server, name: "mine", image: "i", sshKeyIds: [], userDataBox: null });
  const engine = {
    engine: "postgresql",
    major: "17",
    minVersion: null,
    version: "17.5",
    implementation: "PostgreSQL",
  } as const;
  await store.databases.insert({ ...row, ...engine, id: ids.database, name: "mine", trustedSources: [] });
  await query(test.databaseUrl, "UPDATE databases SET status = 'active'");
});
afterAll(() => test.close());

const CHANGES: [what: string, change: () => Promise<unknown>][] = [
  ["a DELETE of a server", () => deleteResource(dependencies, "server", ids.server, theirs)],
  ["a DELETE of a database", () => deleteResource(dependencies, "database", ids.database, theirs)],
  ["a PATCH of a server", () => updateServer(dependencies, ids.server, { name: "theirs" }, theirs)],
  ["a PATCH of a database", () => updateDatabase(dependencies, ids.database, { name: "theirs" }, theirs)],
  ["its sources", () => updateDatabase(dependencies, ids.database, { trustedSources: ["0.0.0.0/0"] }, theirs)],
  ["an action on a database", () => actOnDatabase(dependencies, ids.database, "restart", theirs)],
];

describe("what belongs to another account is not found, and not changed", () => {
  it.each(CHANGES)("%s", async (_what, change) => {
    const state = () =>
      query(
        test.databaseUrl,
        `SELECT (SELECT jsonb_agg(s) FROM servers s) AS servers, (SELECT jsonb_agg(d) FROM databases d) AS databases, (SELECT count(*) FROM actions) AS actions`,
      );
    const before = await state();
    await expect(change()).rejects.toMatchObject({ code: "not_found" });
    expect(await state()).toEqual(before);
  });
});
