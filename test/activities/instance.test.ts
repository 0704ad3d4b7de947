import { MockActivityEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { cloudInitUserData } from "../../activities/cloud-init.ts";
import { instanceActivities } from "../../activities/instance.ts";
import { ComputeError } from "../../src/domain/compute-error.ts";
import { newId } from "../../src/domain/ids.ts";
import type { ActionInput } from "../../src/domain/workflow-contracts.ts";
import type { ComputeDriver, InstanceSpec, Probe, WaitContext } from "../../src/drivers/compute.ts";
import type { Store } from "../../src/store/store.ts";
import { createTestStore } from "../support/database.ts";
import { newPublicKey } from "../support/ssh-keys.ts";
import { userDataParts } from "../support/user-data-parts.ts";

let database: Awaited<ReturnType<typeof createTestStore>>;
let store: Store;
beforeAll(async () => {
  database = await createTestStore();
  ({ store } = database);
});
afterAll(() => database.close());

/** A driver that notes what it is asked; what the driver does with it is the subject of test/drivers. */
function recordingDriver(act: (wait: WaitContext) => Promise<void> = () => Promise.resolve()) {
  const specs: InstanceSpec[] = [];
  const driver = {
    async createInstance(spec: InstanceSpec, wait: WaitContext) {
      specs.push(spec);
      await act(wait);
    },
  } as Partial<ComputeDriver> as ComputeDriver;
  return { driver, specs };
}

function activities(driver: ComputeDriver, probe: Partial<Probe> = {}) {
  return instanceActivities(store, {
    driver,
    probe: probe as Probe,
    network: { gateway: "10.88.0.1", prefixLength: 24, nameservers: ["10.88.0.1"] },
    openSecret: (box) => `opened ${box}`,
  });
}

async function acceptedServer(name: string, userDataBox: string | null = null): Promise<ActionInput> {
  const input = {
    resourceId: newId("server"),
    resourceKind: "server" as const,
    actionId: newId("action"),
    accountId: "acc_test",
    region: "us-east-1",
    requestId: "req_test",
  };
  await store.servers.insert({
    id: input.resourceId,
    accountId: input.accountId,
    name,
    plan: "pro",
    region: input.region,
    image: "debian-12",
    size: { vcpus: 2, memoryMib: 2048, diskGib: 40 },
    sshKeyIds: [],
    userDataBox,
    labels: {},
    actionId: input.actionId,
  });
  await store.servers.setIpv4(input.resourceId, "10.88.0.42");
  return input;
}

describe("createInstance", () => {
  it("hands the driver the plan, the address, and cloud-init data with the attached keys", async () => {
    const input = await acceptedServer("web_01.example");
    const publicKey = newPublicKey();
    const key = { id: newId("sshKey"), accountId: input.accountId, name: "k", publicKey, fingerprint: "SHA256:k" };
    await store.sshKeys.insert(key);
    await store.sshKeys.attach(input.resourceId, [key.id], input.accountId, null);
    const { driver, specs } = recordingDriver();
    const create = activities(driver).createInstance;
    await new MockActivityEnvironment().run(create, { ...input, imageFingerprint: "f00d" });

    expect(specs).toHaveLength(1);
    expect(specs[0]).toMatchObject({
      owner: { id: input.resourceId, kind: "server", accountId: "acc_test", region: "us-east-1" },
      imageFingerprint: "f00d",
      ipv4: "10.88.0.42",
      vcpus: 2,
      memoryMib: 2048,
      diskGib: 40,
    });
    expect(specs[0]!.userData).toMatch(/^#cloud-config\n/);
    expect(parse(specs[0]!.userData!)).toMatchObject({
      hostname: "web-01-example",
      users: [{ name: "root", lock_passwd: true, ssh_authorized_keys: [publicKey] }],
    });
    expect(parse(specs[0]!.networkConfig!).config[0].subnets[0]).toMatchObject({
      type: "static",
      address: "10.88.0.42/24",
      gateway: "10.88.0.1",
    });
  });

  it("keeps the customer's user data in a part of its own", async () => {
    const input = await acceptedServer("with-user-data", "box");
    const { driver, specs } = recordingDriver();
    await new MockActivityEnvironment().run(activities(driver).createInstance, { ...input, imageFingerprint: "f" });
    expect(specs[0]!.userData).toMatch(/^Content-Type: multipart\/mixed/);
    const documents = userDataParts(specs[0]!.userData!);
    expect(documents).toHaveLength(2);
    expect(documents[0]).toMatch(/^#cloud-config\nhostname: "with-user-data"\n/);
    expect(documents[1]).toBe("opened box");
  });

  it.each([
    ["a cloud-config", "#cloud-config\n{}\n", "text/plain"],
    // Its first line begins as that of a cloud-config.
    ["an archive", "#cloud-config-archive\n[]\n", "text/plain"],
    ["a script", "#!/bin/sh\ntrue\n", "text/plain"],
    ["MIME", 'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b--\n', "multipart/mixed"],
  ])("leaves it to cloud-init what the customer's user data is: %s", async (_what, text, type) => {
    const [, theirs] = cloudInitUserData({ hostname: "h", publicKeys: [], userData: text })
      .split(/\n--cloudnexus-\w+\n/)
      .slice(1);
    expect(theirs).toMatch(new RegExp(`^Content-Type: ${type};`));
  });

  it("heartbeats what another worker needs to go on, and takes it up again", async () => {
    const input = await acceptedServer("heartbeats");
    const resumed: (string | undefined)[] = [];
    const { driver } = recordingDriver((wait) => {
      resumed.push(wait.resumeFrom?.operationId);
      wait.heartbeat({ operationId: "op-1" });
      return Promise.resolve();
    });
    const beats: unknown[] = [];
    const first = new MockActivityEnvironment({ attempt: 1 });
    first.on("heartbeat", (details: unknown) => beats.push(details));
    await first.run(activities(driver).createInstance, { ...input, imageFingerprint: "f" });
    const second = new MockActivityEnvironment({ attempt: 2, heartbeatDetails: beats[0] });
    await second.run(activities(driver).createInstance, { ...input, imageFingerprint: "f" });
    expect(beats).toEqual([{ operationId: "op-1" }]);
    expect(resumed).toEqual([undefined, "op-1"]);
  });

  it("passes a cancel on to the driver", async () => {
    const input = await acceptedServer("cancelled");
    const environment = new MockActivityEnvironment();
    const { driver } = recordingDriver(
      (wait) =>
        new Promise((_, reject) => {
          wait.signal.addEventListener("abort", () => reject(new Error("aborted")));
          environment.cancel();
        }),
    );
    await expect(
      environment.run(activities(driver).createInstance, { ...input, imageFingerprint: "f" }),
    ).rejects.toThrow("aborted");
  });

  it("fails for good when the server is gone", async () => {
    const { driver } = recordingDriver();
    const gone = {
      ...(await acceptedServer("gone")),
      resourceId: newId("server"),
      resourceKind: "server" as const,
      imageFingerprint: "f",
    };
    await expect(new MockActivityEnvironment().run(activities(driver).createInstance, gone)).rejects.toMatchObject({
      code: "resource_deleted",
    });
  });
});

describe("waitForSsh", () => {
  it("heartbeats at every attempt and passes on what the probe says", async () => {
    const input = { ...(await acceptedServer("ssh")), ipv4: "10.88.0.42" };
    const beats: unknown[] = [];
    const environment = new MockActivityEnvironment();
    environment.on("heartbeat", (details) => beats.push(details));
    const probe: Partial<Probe> = {
      waitForSsh(ipv4, options) {
        expect(ipv4).toBe("10.88.0.42");
        options.onAttempt(1, null);
        options.onAttempt(2, "nothing answers");
        return Promise.reject(new ComputeError("boot_timeout", "no banner", { transient: false }));
      },
    };
    const { driver } = recordingDriver();
    await expect(environment.run(activities(driver, probe).waitForSsh, input)).rejects.toThrow("no banner");
    expect(beats).toEqual(["asks whether it answers, try 1", "asks whether it answers, try 2: nothing answers"]);
  });
});
