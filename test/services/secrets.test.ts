import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PayloadEncryption } from "../../src/temporal/payload-encryption.ts";
import { everyRow } from "../support/database.ts";
import { actAndWait } from "../support/database-actions.ts";
import { decodedTextsIn, textsIn } from "../support/texts.ts";
import { createWorld, type World } from "../support/world.ts";

/** What a customer entrusted to us with a server. */
const USER_DATA_SECRET = "canary-of-the-user-data-4711";

const logLines: string[] = [];
let world: World;
/** Where each secret was once at home; none of them may be anywhere else. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  world = await createWorld({ logLines });
  await world.startWorker();
  await world.enginesOffered();
  secrets.set("user data", USER_DATA_SECRET);
  secrets.set("a private key", "PRIVATE KEY");

  const server = await world.api.createServer("canary", { user_data: `#cloud-config\n# ${USER_DATA_SECRET}\n` });
  await world.api.actionEnd(server.body.data.action_id);

  const { body } = await world.api.createDatabase("canary");
  const { id } = body.data;
  await world.api.actionEnd(body.data.action_id);
  secrets.set("the first password", (await world.api.credentials(id)).password);
  // Failures are where secrets get into messages: of the files that are written, of the agent, of the engine.
  for (const fault of [
    { kind: "error_before", match: { method: "POST", path: "/1.0/instances/*/files" }, status: 500, count: 2 },
    { kind: "agent_fails", match: { action: "add_password" }, count: 1 },
    { kind: "engine_refuses", match: {}, count: 1 },
  ]) {
    await world.simulator.addFault(fault);
    const rotation = await world.api.actOnDatabase(id, "rotate_credentials");
    await world.api.actionEnd(rotation.body.data.id);
    await world.simulator.clearFaults();
  }
  await actAndWait(world, id, "rotate_credentials");
  secrets.set("the second password", (await world.api.credentials(id)).password);
  await world.simulator.addFault({ kind: "agent_fails", match: { action: "setup" }, count: 1 });
  await world.api.actionEnd((await world.api.createDatabase("canary-fails")).body.data.action_id);
}, 240_000);
afterAll(() => world.close());

/** What Temporal tells whoever asks it about our workflows. */
async function toldByTemporal(): Promise<unknown[]> {
  const actions = await world.sql<{ id: string }>(
    `SELECT replace(type, '_', '-') || '-' || resource_type || '/' || resource_id || '/' || attempt AS id FROM actions`,
  );
  const told: unknown[] = [];
  for (const { id } of actions) {
    const handle = world.temporal.workflow.getHandle(id);
    told.push(await handle.fetchHistory(), (await handle.describe()).raw);
    const query = `WorkflowId = "${id}"`;
    for await (const listed of world.temporal.workflow.list({ query })) told.push(listed.raw);
  }
  return told;
}

async function histories(): Promise<string> {
  return textsIn(await toldByTemporal()).join("\n");
}

/** A search in what is encrypted would find nothing whatever there is: here with the key. */
async function decodedHistories(): Promise<string> {
  const codec = new PayloadEncryption(world.config.secrets.codecKeys);
  return (await decodedTextsIn(await toldByTemporal(), codec)).join("\n");
}

describe("no secret is found", () => {
  it.each<[string, () => Promise<string>, string]>([
    ["in the histories of the workflows", histories, "createInstance"],
    ["in their payloads, decrypted", decodedHistories, "create database db_"],
    ["in the messages and stacks of their failures, decrypted", decodedHistories, "stack_trace"],
    ["in the database", () => everyRow(world.sql), "canary-fails"],
    ["in the logs", () => Promise.resolve(logLines.join("")), "request_id"],
  ])("%s", async (_where, collect, known) => {
    const text = await collect();
    // What is there is found, so what is not found is not there.
    expect(text).toContain(known);
    expect(secrets.size).toBe(4);
    for (const [what, secret] of secrets) expect(text.includes(secret), what).toBe(false);
  });

  it("but by whom it belongs to", async () => {
    const [row] = await world.sql<{ id: string }>("SELECT id FROM databases WHERE name = 'canary'");
    expect((await world.api.credentials(row!.id)).password).toBe(secrets.get("the second password"));
  });
});
