import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACTIVE_SERVER, SSH_KEY } from "../../src/api/examples.ts";
import { PUBLISHED_ADDRESS } from "../../src/api/openapi/published-address.ts";
import { DOCUMENT } from "../support/contract/document.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/** Samples of the reference, run as they stand but for the address and the ids of what there is here. */

/** Where the library is not installed, pip has it for itself. */
const REQUESTS = `
try:
    import requests
except ImportError:
    import sys, pip._vendor.requests
    sys.modules["requests"] = sys.modules["pip._vendor.requests"]
`;
const hasRequests = spawnSync("python3", ["-c", REQUESTS]).status === 0;

let world: World;
let sshKeyId = "";
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  sshKeyId = await createSshKey(world.api);
});
afterAll(() => world.close());

/** `serverId`: what the sample's server stands for. */
function sampleOf(operationId: string, label: string, serverId: string): string {
  const operations = Object.values(DOCUMENT.paths).flatMap((methods) => Object.values(methods));
  const samples = operations.find((operation) => operation.operationId === operationId)?.["x-codeSamples"];
  const source = samples?.find((sample) => sample.label === label)?.source;
  if (source === undefined) throw new Error(`${operationId} has no sample for ${label}`);
  return source
    .replaceAll(PUBLISHED_ADDRESS, world.api.address)
    .replaceAll(SSH_KEY.id, sshKeyId)
    .replaceAll(ACTIVE_SERVER.id, serverId);
}

/** What the program has in `data` at its end. */
async function run(program: string, args: string[]): Promise<unknown> {
  const env = { PATH: process.env["PATH"], CLOUDNEXUS_API_KEY: API_KEY };
  return JSON.parse((await promisify(execFile)(program, args, { env })).stdout);
}

const node = (source: string) =>
  run(process.execPath, ["--input-type=module", "--eval", `${source}\nconsole.log(JSON.stringify(data));`]);
const python = (source: string) => run("python3", ["-c", `${REQUESTS}${source}\nimport json\nprint(json.dumps(data))`]);

async function lifeOfAServer(label: string, runSample: (source: string) => Promise<unknown>): Promise<void> {
  const sample = (operationId: string, serverId = "") => runSample(sampleOf(operationId, label, serverId));
  const created = (await sample("createServer")) as { id: string; action_id: string };
  expect(created).toMatchObject({ name: ACTIVE_SERVER.name, status: "provisioning", ssh_keys: [sshKeyId] });
  await world.api.actionEnd(created.action_id);
  expect(await sample("getServer", created.id)).toMatchObject({ id: created.id, status: "active" });
  expect(await sample("listServers")).toMatchObject([{ id: created.id }]);
  expect(await sample("updateServer", created.id)).toMatchObject({ id: created.id, name: "production-web-02" });
  const deleted = (await sample("deleteServer", created.id)) as { id: string };
  expect((await world.api.actionEnd(deleted.id)).status).toBe("succeeded");
}

describe("the samples of a server's calls", () => {
  it("run in Node.js, as a module", () => lifeOfAServer("Node.js", node));

  it.skipIf(!hasRequests)("run in Python", () => lifeOfAServer("Python", python));
});
