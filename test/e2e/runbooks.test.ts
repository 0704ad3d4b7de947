import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { type Block, sectionsOf } from "../support/runbooks.ts";
import { runInShell } from "../support/shell.ts";
import { waitUntil } from "../support/wait.ts";

/** The lines of the runbooks that are for a host of a region, carried out on one. */

/** systemd runs no Incus where tests do, and images are built by engine-images.test.ts. */
const NOT_HERE = /^(systemctl|journalctl|npm run images -- build) /;

/** What Incus says of members where there is one host. */
const SINGLE_HOST = "Error: Server isn't part of a cluster";

/** What each section's lines show of a host on which all is well, with a server, or a database where a section is about engines. */
const SHOWN: Record<string, RegExp[]> = {
  no_capacity: [/total space: \d/],
  infrastructure_unavailable: [/^answers$/m],
  infrastructure_unauthorized: [/certificate_fingerprint: \w{64}/, /FINGERPRINT/],
  infrastructure_error: [/cloudnexus-e2e-us-east-1/, /ipv4\.address: 10\.98\.0\.1\/24/, /cloudnexus +\| +\w+/],
  storage_full: [/total space: \d/, /container|custom/],
  address_in_use: [/10\.98\.0\.\d+/, /cn-\w+/],
  instance_conflict: [/cn-\w+/, /user\.cloudnexus\.id: srv_/],
  instance_rejected: [/name: default/, /FINGERPRINT/, /Server version: [67]\./],
  image_unavailable: [/cloudnexus\/debian-12/, /debian-12/],
  boot_timeout: [/cn-\w+/, /ssh/i, /^port 22 answers$/m],
  engine_setup_failed: [/postgresql|cloudnexus/i, /Filesystem/],
  instance_missing: [/cn-\w+/, /cloudnexus/],
};

const [region] = E2E_REGIONS;
const sections = ["alarms.md", "operators.md", "customers.md"]
  .flatMap(sectionsOf)
  .map(({ heading, blocks }) => ({ heading, script: linesFor(blocks) }))
  .filter(({ script }) => script !== "");

let world: RealWorld;
/** An instance and its address. */
let server: { INSTANCE: string; ADDRESS: string };
let database: { INSTANCE: string; ADDRESS: string };

beforeAll(async () => {
  world = await createRealWorld();
  await world.startWorker();
  await world.enginesOffered();
  const made = (await world.api.createServer("runbook", { ssh_keys: [world.sshKeyId] })).body.data;
  const offer = { engine: "postgresql", version: "17", plan: "standard", region: region.slug };
  const kept = (await world.api.call("POST", "/v1/databases", { name: "runbook", ...offer })).body.data;
  for (const { action_id } of [made, kept]) expect((await world.api.actionEnd(action_id)).status).toBe("succeeded");
  server = await namesOf(`/v1/servers/${made.id}`);
  database = await namesOf(`/v1/databases/${kept.id}`);
});
afterAll(async () => {
  for (const { id } of await world.api.list("/v1/servers")) await world.api.deleteServer(id);
  for (const { id } of await world.api.list("/v1/databases")) await world.api.call("DELETE", `/v1/databases/${id}`);
  for (const path of ["/v1/servers", "/v1/databases"])
    await waitUntil("all is deleted", async () => (await world.api.list(path)).length === 0);
  await world.close();
});

async function namesOf(path: string): Promise<{ INSTANCE: string; ADDRESS: string }> {
  const { id, ipv4, endpoint } = (await world.api.get(path)).body.data;
  return { INSTANCE: instanceName(id), ADDRESS: endpoint?.host ?? ipv4 };
}

function linesFor(blocks: Block[]): string {
  const lines = blocks.filter(({ kind }) => kind === "host").flatMap(({ script }) => script.split("\n"));
  return lines.filter((line) => !NOT_HERE.test(line)).join("\n");
}

describe("the lines for a host", () => {
  it("are expected to show something in each section that has some", () => {
    expect(sections.map(({ heading }) => heading).sort()).toEqual(Object.keys(SHOWN).sort());
  });

  it.each(sections)("of $heading show what they are for", async ({ heading, script }) => {
    const names = {
      PROJECT: region.project,
      NETWORK: region.network,
      ...(heading.startsWith("engine") ? database : server),
    };
    const { text, errors } = await runInShell(script, { ...process.env, ...names });
    for (const pattern of SHOWN[heading] ?? []) expect(text).toMatch(pattern);
    expect(errors.replace(SINGLE_HOST, "")).not.toMatch(/Error|Usage|not found/i);
  });
});
