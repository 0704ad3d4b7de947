import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostnameOf } from "../../activities/hostname.ts";
import { sampled } from "../support/fault-sample.ts";
import { DISGUISES, keptTexts, MARKER, PAYLOADS } from "../support/hostile/hostile-text.ts";
import { HOSTILE_LABEL_VALUES } from "../support/hostile/labels.ts";
import { HOSTILE_NAMES } from "../support/hostile/names.ts";
import { HOSTILE_PUBLIC_KEYS } from "../support/hostile/public-keys.ts";
import { HOSTILE_USER_DATA } from "../support/hostile/user-data.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { userDataParts } from "../support/user-data-parts.ts";

/**
 * Every name, key, label and user data but one of the tables that is accepted (`FAULT_SAMPLE=3`: one in three), in real guests: keys, names and labels are what they say and do nothing; user data
 * arrives byte for byte and is what its first line says.
 */

/** One is the key that the tests log in with. */
const HOSTILE_KEYS_A_SERVER = 31;
const LABELS_A_SERVER = 32;
/** Guests that boot at the same time. */
const AT_ONCE = 6;
const LIFE_MS = 300_000;
/** Without an answer cloud-init tries for so long, before it lets SSH begin, that the create ends with `boot_timeout`: nobody can look into that guest. */
const INCLUDES = "#include";
/** Where user data that is taken for what it is writes. */
const RAN = "/root/ran";

/** Of each kind that cloud-init knows one, with what is in RAN then. */
const KINDS: Record<string, { text: string; wrote: string }> = {
  "a script": { text: "#!/bin/sh\nprintf script > /root/ran\n", wrote: "script" },
  "a cloud-config in which a template is no template": {
    text: "#cloud-config\r\nwrite_files:\r\n- path: /root/ran\r\n  content: '{{ v1.instance_id }} $(touch /root/pwned)'\r\n",
    wrote: "{{ v1.instance_id }} $(touch /root/pwned)",
  },
  "a template that says so": {
    text: "## template: jinja\n#cloud-config\nwrite_files:\n- path: /root/ran\n  content: '{{ v1.distro }}'\n",
    wrote: "debian",
  },
  "an archive": {
    text: "#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    write_files:\n    - path: /root/ran\n      content: archive\n",
    wrote: "archive",
  },
  "a MIME document of its own": {
    text: 'Content-Type: multipart/mixed; boundary="mine"\nMIME-Version: 1.0\n\n--mine\nContent-Type: text/x-shellscript\n\n#!/bin/sh\nprintf mime > /root/ran\n\n--mine--\n',
    wrote: "mime",
  },
  "a text that is nothing, with every payload in it": {
    text: ["nothing", ...Object.values(PAYLOADS), ...Object.values(DISGUISES), "#!/bin/sh", `touch ${MARKER}`].join(
      "\r\n",
    ),
    wrote: "",
  },
  "a YAML of objects": {
    text: `#cloud-config\nruncmd: !!python/object/apply:os.system ["touch ${MARKER}"]\n`,
    wrote: "",
  },
};

interface UserData {
  what: string;
  text: string;
  /** What is in RAN then. */
  wrote: string;
}

interface Guest extends UserData {
  name: string;
  keys: string[];
  labels: Record<string, string>;
}

const KEYS = sampled("public keys", keptTexts(HOSTILE_PUBLIC_KEYS)).map(({ kept }) => kept);
const LABELS = sampled("labels", keptTexts(HOSTILE_LABEL_VALUES)).map(({ kept }, index): [string, string] => [
  `label-${index}`,
  kept,
]);
const NAMES = sampled("names", keptTexts(HOSTILE_NAMES)).map(({ kept }) => kept);
const USER_DATA: UserData[] = [
  ...sampled("user data", keptTexts(HOSTILE_USER_DATA))
    .filter(({ kept }) => !kept.startsWith(INCLUDES))
    .map(({ what, kept }) => ({ what, text: kept, wrote: "" })),
  ...Object.entries(KINDS).map(([what, of]) => ({ what, ...of })),
];

/** The nth has the nth user data and name, and as many keys and labels as a server takes, until all are on one. */
const GUESTS: Guest[] = USER_DATA.map((userData, index) => ({
  ...userData,
  name: NAMES[index] ?? `plain-${index}`,
  keys: KEYS.slice(index * HOSTILE_KEYS_A_SERVER, (index + 1) * HOSTILE_KEYS_A_SERVER),
  labels: Object.fromEntries(LABELS.slice(index * LABELS_A_SERVER, (index + 1) * LABELS_A_SERVER)),
}));

/** What is looked at in a guest, with the command that shows it. */
const LOOKS = {
  authorizedKeys: "cat /root/.ssh/authorized_keys",
  // As sshd reads the file: one line for each key, none for what it refuses.
  fingerprints: "ssh-keygen -lf /root/.ssh/authorized_keys",
  users: `awk -F: '$3 >= 1000 && $1 != "nobody" {print $1}' /etc/passwd`,
  keyFiles: "find /root/.ssh /home -type f -o -type l",
  passwords: "awk -F: '$2 !~ /^[!*]/ {print $1}' /etc/shadow",
  hostname: "hostname",
  userData: "cat /var/lib/cloud/instance/user-data.txt",
  written: `cat ${RAN}`,
  marker: `find / -xdev -name ${MARKER.split("/").at(-1)}`,
};
type Look = keyof typeof LOOKS;

let world: RealWorld;
let ownKey = "";
/** By the guest's name. */
const seen = new Map<string, Record<Look, string>>();

beforeAll(async () => {
  world = await createRealWorld();
  await world.startWorker();
  const own = await world.api.get(`/v1/ssh_keys/${world.sshKeyId}`);
  ownKey = (own.body.data as unknown as { public_key: string }).public_key;
  const ids = new Map<string, string>();
  for (const [index, key] of KEYS.entries()) {
    const { body } = await world.api.call("POST", "/v1/ssh_keys", { name: `hostile-${index}`, public_key: key });
    ids.set(key, body.data.id);
  }
  const left = GUESTS.values();
  const lane = async () => {
    for (const guest of left) seen.set(guest.name, await lifeOf(guest, ids));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}, 900_000);

afterAll(async () => {
  // None, unless something went wrong: their addresses would be in the way of the next run.
  for (const { id } of await world.api.list("/v1/servers?per_page=100")) {
    await world.api.actionEnd((await world.api.deleteServer(id)).body.data.id);
  }
  await world.close();
});

/** Makes the guest, looks at it and deletes it. `keyIds`: by public key. */
async function lifeOf(guest: Guest, keyIds: Map<string, string>): Promise<Record<Look, string>> {
  const { what, name, keys, labels, text } = guest;
  const ssh_keys = [world.sshKeyId, ...keys.map((key) => keyIds.get(key))];
  const { status, body } = await world.api.createServer(name, { ssh_keys, labels, user_data: text });
  expect(status, JSON.stringify(body)).toBe(201);
  const { error } = await world.api.actionEnd(body.data.action_id, LIFE_MS);
  if (error) throw new Error(`${name} with ${what}: ${JSON.stringify(error)}`);
  const looked = await lookInto(body.data.ipv4);
  await world.api.actionEnd((await world.api.deleteServer(body.data.id)).body.data.id, LIFE_MS);
  return looked;
}

/** Each look is a line of its own in base64, since a guest may show anything. */
async function lookInto(ipv4: string): Promise<Record<Look, string>> {
  const looks = Object.values(LOOKS).map((command) => `{ ${command}; } 2>/dev/null | base64 -w0; echo`);
  // How cloud-init ends is its opinion of the user data; that it ends is what matters here.
  const shown = await world.ssh(ipv4, ["cloud-init status --wait >/dev/null 2>&1", ...looks].join("\n"));
  const texts = shown.split("\n").map((line) => Buffer.from(line, "base64").toString());
  return Object.fromEntries(Object.keys(LOOKS).map((look, index) => [look, texts[index]])) as Record<Look, string>;
}

function linesOf(name: string, look: Look): string[] {
  return (seen.get(name)?.[look] ?? "?").split("\n").filter((line) => line !== "");
}

it("every name, key and label that is accepted is on one of them", () => {
  expect(GUESTS.map(({ name }) => name).slice(0, NAMES.length)).toEqual(NAMES);
  expect(GUESTS.flatMap(({ keys }) => keys)).toEqual(KEYS);
  expect(GUESTS.flatMap(({ labels }) => Object.values(labels))).toHaveLength(LABELS.length);
});

describe.each(GUESTS)("a guest with $what", ({ name, keys, text, wrote }: Guest) => {
  it("lets in exactly the keys that were given, without options", () => {
    const lines = linesOf(name, "authorizedKeys");
    expect(new Set(lines)).toEqual(new Set([ownKey, ...keys]));
    expect(lines).toHaveLength(keys.length + 1);
    expect(linesOf(name, "fingerprints")).toHaveLength(keys.length + 1);
  });

  it("has no user, no key file and no password that nobody asked for", () => {
    expect(linesOf(name, "users")).toEqual([]);
    expect(linesOf(name, "keyFiles")).toEqual(["/root/.ssh/authorized_keys"]);
    expect(linesOf(name, "passwords")).toEqual([]);
  });

  it("has the name that was given, as a host's name", () => {
    expect(linesOf(name, "hostname")).toEqual([hostnameOf(name)]);
  });

  it("has the user data byte for byte, and did with it what its first line says", () => {
    expect(userDataParts(seen.get(name)?.userData ?? "")[1]).toBe(text);
    expect(seen.get(name)?.written).toBe(wrote);
  });

  it("ran no command of a payload", () => {
    expect(linesOf(name, "marker")).toEqual([]);
  });
});
