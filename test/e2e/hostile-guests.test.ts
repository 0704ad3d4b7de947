import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostnameOf } from "../../activities/hostname.ts";
import { DISGUISES, keptTexts, MARKER, PAYLOADS } from "../support/hostile/hostile-text.ts";
import { HOSTILE_LABEL_VALUES } from "../support/hostile/labels.ts";
import { HOSTILE_PUBLIC_KEYS } from "../support/hostile/public-keys.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { userDataParts } from "../support/user-data-parts.ts";

/** Every hostile text that is accepted, in real guests: keys, names and labels are what they say and do nothing; user data arrives byte for byte and is what its first line says. */

/** One is the key that the tests log in with. */
const HOSTILE_KEYS_A_SERVER = 31;
const LABELS_A_SERVER = 32;

/** What user data of each kind writes when it is taken for what it is. */
const USER_DATA: Record<string, { text: string; wrote: Record<string, string> }> = {
  "a script": { text: "#!/bin/sh\nprintf script > /root/ran\n", wrote: { "/root/ran": "script" } },
  "a cloud-config in which a template is no template": {
    text: "#cloud-config\r\nwrite_files:\r\n- path: /root/ran\r\n  content: '{{ v1.instance_id }} $(touch /root/pwned)'\r\n",
    wrote: { "/root/ran": "{{ v1.instance_id }} $(touch /root/pwned)" },
  },
  "a template that says so": {
    text: "## template: jinja\n#cloud-config\nwrite_files:\n- path: /root/ran\n  content: '{{ v1.distro }}'\n",
    wrote: { "/root/ran": "debian" },
  },
  "an archive": {
    text: "#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    write_files:\n    - path: /root/ran\n      content: archive\n",
    wrote: { "/root/ran": "archive" },
  },
  "a MIME document of its own": {
    text: 'Content-Type: multipart/mixed; boundary="mine"\nMIME-Version: 1.0\n\n--mine\nContent-Type: text/x-shellscript\n\n#!/bin/sh\nprintf mime > /root/ran\n\n--mine--\n',
    wrote: { "/root/ran": "mime" },
  },
  "a text that is nothing, with every payload in it": {
    text: ["nothing", ...Object.values(PAYLOADS), ...Object.values(DISGUISES), "#!/bin/sh", `touch ${MARKER}`].join(
      "\r\n",
    ),
    wrote: {},
  },
  "a YAML of objects": {
    text: `#cloud-config\nruncmd: !!python/object/apply:os.system ["touch ${MARKER}"]\n`,
    wrote: {},
  },
};

/** Words that YAML 1.1 takes for something else, or that are no host's name as they are. */
const NAMES = ["No", "1_000", "2026-11-26", "null", "0x1F", "a..b", `${"n".repeat(62)}9`];

interface Guest {
  name: string;
  keys: string[];
  labels: Record<string, string>;
  userData: { text: string; wrote: Record<string, string> };
}

const KEYS = keptTexts(HOSTILE_PUBLIC_KEYS).map(({ kept }) => kept);
const LABELS = keptTexts(HOSTILE_LABEL_VALUES).map(({ kept }, index): [string, string] => [`label-${index}`, kept]);

const GUESTS = Object.entries(USER_DATA).map(([what, userData], index) => ({
  what,
  name: NAMES[index] ?? "",
  keys: KEYS.slice(index * HOSTILE_KEYS_A_SERVER, (index + 1) * HOSTILE_KEYS_A_SERVER),
  labels: Object.fromEntries(LABELS.slice(index * LABELS_A_SERVER, (index + 1) * LABELS_A_SERVER)),
  userData,
}));

let world: RealWorld;
let ownKey = "";
const addresses = new Map<string, string>();

beforeAll(async () => {
  world = await createRealWorld();
  await world.startWorker();
  ownKey = ((await world.api.get(`/v1/ssh_keys/${world.sshKeyId}`)).body.data as unknown as { public_key: string })
    .public_key;
  const ids = new Map<string, string>();
  for (const [index, key] of KEYS.entries()) {
    const { body } = await world.api.call("POST", "/v1/ssh_keys", { name: `hostile-${index}`, public_key: key });
    ids.set(key, body.data.id);
  }
  await Promise.all(
    GUESTS.map(async ({ name, keys, labels, userData }) => {
      const ssh_keys = [world.sshKeyId, ...keys.map((key) => ids.get(key))];
      const answer = await world.api.createServer(name, { ssh_keys, labels, user_data: userData.text });
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      expect((await world.api.actionEnd(answer.body.data.action_id)).status).toBe("succeeded");
      addresses.set(name, answer.body.data.ipv4);
      // What it ends with is cloud-init's opinion of the user data; that it ends is what matters here.
      await inside(name, "cloud-init status --wait >/dev/null 2>&1; true");
    }),
  );
}, 600_000);

afterAll(async () => {
  for (const { id } of await world.api.list("/v1/servers?per_page=100")) {
    const { body } = await world.api.deleteServer(id);
    await world.api.actionEnd(body.data.id);
  }
  await world.close();
});

function inside(name: string, command: string): Promise<string> {
  return world.ssh(addresses.get(name) ?? "", command);
}

it("every key and every label that is accepted is on one of them", () => {
  expect(GUESTS.flatMap(({ keys }) => keys)).toEqual(KEYS);
  expect(GUESTS.flatMap(({ labels }) => Object.values(labels))).toHaveLength(LABELS.length);
});

describe.each(GUESTS)("a guest with $what", ({ name, keys, userData }: Guest) => {
  it("lets in exactly the keys that were given, without options", async () => {
    const lines = (await inside(name, "cat /root/.ssh/authorized_keys")).split("\n").filter((line) => line !== "");
    expect(new Set(lines)).toEqual(new Set([ownKey, ...keys]));
    expect(lines).toHaveLength(keys.length + 1);
    // As sshd reads the file: so many keys, none refused.
    const read = await inside(name, "ssh-keygen -lf /root/.ssh/authorized_keys | wc -l");
    expect(Number(read)).toBe(keys.length + 1);
  });

  it("has no user, no key file and no password that nobody asked for", async () => {
    expect(await inside(name, `awk -F: '$3 >= 1000 && $1 != "nobody" {print $1}' /etc/passwd`)).toBe("");
    expect(await inside(name, "find /root/.ssh /home -type f -o -type l")).toBe("/root/.ssh/authorized_keys\n");
    expect(await inside(name, "awk -F: '$2 !~ /^[!*]/ {print $1}' /etc/shadow")).toBe("");
  });

  it("has the name that was given, as a host's name", async () => {
    expect((await inside(name, "hostname")).trim()).toBe(hostnameOf(name));
  });

  it("has the user data byte for byte, and did with it what its first line says", async () => {
    const stored = Buffer.from(await inside(name, "base64 -w0 /var/lib/cloud/instance/user-data.txt"), "base64");
    expect(userDataParts(stored.toString())[1]).toBe(userData.text);
    for (const [file, text] of Object.entries(userData.wrote)) expect(await inside(name, `cat ${file}`)).toBe(text);
    if (Object.keys(userData.wrote).length === 0) expect(await inside(name, "ls /root/ran 2>/dev/null; true")).toBe("");
  });

  it("ran no command of a payload", async () => {
    expect(await inside(name, `find / -xdev -name ${MARKER.split("/").at(-1)}`)).toBe("");
  });
});
