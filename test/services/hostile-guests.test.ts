import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { sampled } from "../support/fault-sample.ts";
import { keptTexts } from "../support/hostile/hostile-text.ts";
import { HOSTILE_LABEL_VALUES } from "../support/hostile/labels.ts";
import { HOSTILE_NAMES } from "../support/hostile/names.ts";
import { HOSTILE_PUBLIC_KEYS } from "../support/hostile/public-keys.ts";
import { HOSTILE_USER_DATA } from "../support/hostile/user-data.ts";
import { userDataParts } from "../support/user-data-parts.ts";
import { createWorld, type World } from "../support/world.ts";

/** Every hostile text that is accepted, on servers: what is shown of it, and what the infrastructure is given. */

const USER_DATA = sampled("user data", keptTexts(HOSTILE_USER_DATA));
const LABELS = sampled("labels", keptTexts(HOSTILE_LABEL_VALUES));
const NAMES = sampled("names", keptTexts(HOSTILE_NAMES));
const PUBLIC_KEYS = sampled("public keys", keptTexts(HOSTILE_PUBLIC_KEYS));
const KEYS_A_SERVER = 32;
const AT_ONCE = 8;

/** The server that has the nth of every table. */
function nameOf(index: number): string {
  return NAMES[index]?.kept ?? `plain-${index}`;
}

let world: World;
/** Of each server, by its name: what the API shows and what the infrastructure has. */
const shown = new Map<string, { labels: Record<string, string> }>();
const instances = new Map<string, Record<string, string>>();

beforeAll(async () => {
  world = await createWorld({ addresses: 100 });
  await world.startWorker();
  const keyIds: string[] = [];
  for (const [index, { kept }] of PUBLIC_KEYS.entries()) {
    keyIds.push(
      (await world.api.call("POST", "/v1/ssh_keys", { name: `key-${index}`, public_key: kept })).body.data.id,
    );
  }
  const bodies = Array.from({ length: Math.max(USER_DATA.length, LABELS.length, NAMES.length) }, (_, index) => ({
    name: nameOf(index),
    region: index % 2 === 0 ? "us-east-1" : "eu-west-2",
    ssh_keys: keyIds.slice(index * KEYS_A_SERVER, (index + 1) * KEYS_A_SERVER),
    ...(USER_DATA[index] && { user_data: USER_DATA[index].kept }),
    ...(LABELS[index] && { labels: { text: LABELS[index].kept } }),
  }));
  const ids = new Map<string, string>();
  const create = async ({ name, ...change }: (typeof bodies)[number]) => {
    const answer = await world.api.createServer(name, change);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    ids.set(name, answer.body.data.id);
    shown.set(name, answer.body.data as never);
    expect((await world.api.actionEnd(answer.body.data.action_id)).status).toBe("succeeded");
  };
  for (let index = 0; index < bodies.length; index += AT_ONCE) {
    await Promise.all(bodies.slice(index, index + AT_ONCE).map(create));
  }
  const snapshot = await world.simulator.snapshot();
  const configs = new Map(snapshot.instances.map(({ name, config }) => [name, config]));
  for (const [name, id] of ids) instances.set(name, configs.get(instanceName(id)) ?? {});
});
afterAll(() => world.close());

function userDataOf(name: string): string {
  return instances.get(name)?.["cloud-init.user-data"] ?? "";
}

/** What of it is ours, as cloud-init reads it. */
function oursOf(name: string): { hostname: string; users: { ssh_authorized_keys: string[] }[] } {
  const [ours = ""] = userDataParts(userDataOf(name));
  return parse(ours, { version: "1.1" }) as ReturnType<typeof oursOf>;
}

describe("user data that is accepted", () => {
  it.each(USER_DATA.map(({ what, kept }, index) => ({ what, kept, index })))(
    "$what: byte for byte in a part of its own, beside ours",
    ({ kept, index }) => {
      const name = nameOf(index);
      expect(userDataParts(userDataOf(name))).toHaveLength(2);
      expect(userDataParts(userDataOf(name))[1]).toBe(kept);
      expect(Object.keys(oursOf(name))).toEqual(["hostname", "disable_root", "users"]);
    },
  );
});

describe("a name that is accepted", () => {
  it.each(NAMES)("$what: is a host's name, as text", ({ kept }) => {
    expect(oursOf(kept).hostname).toBe(kept.replace(/[._]/g, "-"));
  });
});

describe("a label that is accepted", () => {
  it.each(LABELS.map(({ what, kept }, index) => ({ what, kept, index })))("$what: stays with us", ({ kept, index }) => {
    expect(shown.get(nameOf(index))?.labels).toEqual({ text: kept });
    const given = JSON.stringify({ ...instances.get(nameOf(index)), "cloud-init.user-data": "" });
    if (kept.length > 2) expect(given).not.toContain(JSON.stringify(kept).slice(1, -1));
  });
});

describe("public keys that are accepted", () => {
  it("are given to the guest one by one as they are shown, whatever their comments say", () => {
    const given = [...instances.keys()].flatMap((name) =>
      oursOf(name).users.flatMap((user) => user.ssh_authorized_keys),
    );
    expect(new Set(given)).toEqual(new Set(PUBLIC_KEYS.map(({ kept }) => kept)));
    for (const name of instances.keys()) expect(oursOf(name).users).toHaveLength(1);
  });

  it("cost no guest what is ours: there is no character that a parser of YAML could refuse", () => {
    for (const name of instances.keys()) expect(userDataParts(userDataOf(name))[0]).toMatch(/^[\x20-\x7e\n]+$/);
  });
});
