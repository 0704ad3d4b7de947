import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { connect } from "../../scripts/platform/engines/connect.ts";
import { freePort } from "../../scripts/platform/ports.ts";
import { ApiClient, type Credentials } from "../support/api-client.ts";
import { auditorWith } from "../support/audits.ts";
import { runCli } from "../support/command-line.ts";
import { notesIn } from "../support/database-notes.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import { enginesOffered } from "../support/engines-offered.ts";
import { Installation } from "../support/installation.ts";
import { e2eCatalog } from "../support/real-world.ts";
import { makeSshLogin } from "../support/ssh-login.ts";
import { API_KEY } from "../support/world.ts";

/** How long API, worker, PostgreSQL and Temporal are away: `STATIC_MINUTES=5 npm run test:e2e -- test/e2e/static-stability.test.ts`. */
const AWAY_MS = Number(process.env["STATIC_MINUTES"] ?? "0.3") * 60_000;
const region = E2E_REGIONS[0].slug;
/**
 * What tells one run of a guest from the next: its kernel's boot (a virtual machine), and when its first process began,
 * in ticks of that kernel (a container). `uptime -s` reckons the same from two clocks, and is a second off at times.
 */
const RUN_OF_GUEST = "cat /proc/sys/kernel/random/boot_id; cut -d ' ' -f 22 /proc/1/stat";

it("a server and a database serve on while all of the control plane is gone, which then finds nothing that differs", {
  timeout: AWAY_MS + 400_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "cn-static-"));
  const environment = {
    PORT: String(await freePort()),
    CLOUDNEXUS_DATA_DIR: dataDir,
    CLOUDNEXUS_CONFIG: join(dataDir, "static.yaml"),
    CLOUDNEXUS_INFRASTRUCTURE: "incus",
    CLOUDNEXUS_BOOTSTRAP_API_KEY: API_KEY,
    CLOUDNEXUS_AUDIT_SECONDS: "0",
  };
  writeFileSync(environment.CLOUDNEXUS_CONFIG, stringify(e2eCatalog()));
  const before = await Installation.start(environment);
  let api = new ApiClient(before.address, API_KEY);
  const login = await makeSshLogin(join(dataDir, "id_ed25519"));
  const sshKey = await api.call("POST", "/v1/ssh_keys", { name: "static", public_key: login.publicKey });
  await enginesOffered(
    api,
    E2E_REGIONS.map(({ slug }) => slug),
  );
  const [server, database] = await Promise.all([
    api.createServer("static", { region, ssh_keys: [sshKey.body.data.id] }),
    api.createDatabase("static-db", { region, engine: "postgresql", version: "17" }),
  ]);
  for (const { status, body } of [server, database]) {
    expect(status, JSON.stringify(body)).toBe(201);
    expect(await api.actionEnd(body.data.action_id)).toMatchObject({ status: "succeeded" });
  }
  const { id: serverId, ipv4 } = server.body.data;
  const databaseId = database.body.data.id;
  const credentials = (await api.get(`/v1/databases/${databaseId}/credentials`)).body.data as unknown as Credentials;
  const notes = notesIn("postgresql");
  await notes.write(credentials, "before");
  const session = await connect("postgresql", { ...credentials, ca: credentials.ca_certificate });
  const booted = await login.run(ipv4, RUN_OF_GUEST);
  expect(booted).toMatch(/^[0-9a-f-]{36}\n\d+\n$/);

  await before.kill();
  await expect(api.get("/healthz")).rejects.toThrow();
  const end = performance.now() + AWAY_MS;
  let asked = 0;
  for (; performance.now() < end; asked++) {
    expect(await login.run(ipv4, RUN_OF_GUEST)).toBe(booted);
    await notes.write(credentials, `away-${asked}`);
    // The connection from before is the same all the time.
    expect(JSON.stringify(await session.query("SELECT count(*) FROM notes"))).toContain(String(asked + 2));
  }
  expect(asked).toBeGreaterThan(0);
  await session.close();

  const after = await Installation.start(environment);
  api = new ApiClient(after.address, API_KEY);
  const words = [
    "account",
    "add-key",
    "--name",
    "default",
    "--key",
    "operator",
    "--scope",
    "*,operator",
    "--reason",
    "e2e",
  ];
  const { api_key: token } = JSON.parse((await runCli(words, { environment })).out) as { api_key: string };
  const { differences } = await auditorWith(after.address, token).audit({ regions: [region] });
  expect(differences.filter(({ subject }) => [serverId, databaseId].includes(subject))).toEqual([]);
  expect((await api.get(`/v1/servers/${serverId}`)).body.data).toMatchObject({ status: "active", ipv4 });
  expect(await notes.read(credentials)).toHaveLength(asked + 1);
  for (const deletion of [await api.deleteServer(serverId), await api.call("DELETE", `/v1/databases/${databaseId}`)]) {
    expect((await api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
  }
  await after.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
