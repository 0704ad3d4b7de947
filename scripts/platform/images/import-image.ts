import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { z } from "zod";
import { run, tryRun } from "../run.ts";
import type { BuiltImage } from "./build-image.ts";

/** Imports the image without a name, so that nobody uses it yet; answers its fingerprint. One that is there already is taken as it is. */
export async function importImage(built: BuiltImage): Promise<string> {
  const fingerprint = await fingerprintOf(built);
  const isThere = (await tryRun("incus", ["image", "show", fingerprint])) !== undefined;
  if (!isThere) await run("incus", ["image", "import", built.metadata, built.rootfs]);
  return fingerprint;
}

/** The properties first, then the alias: whoever finds the image finds it whole. The image that had the alias goes (instances made from it keep their disks). */
export async function publishImage(
  fingerprint: string,
  alias: string,
  properties: Record<string, string>,
): Promise<void> {
  const previous = await aliasTarget(alias);
  await run("incus", [
    "query",
    "--request=PATCH",
    `--data=${JSON.stringify({ properties })}`,
    `/1.0/images/${fingerprint}`,
  ]);
  if (previous === fingerprint) return;
  if (previous === undefined) await run("incus", ["image", "alias", "create", alias, fingerprint]);
  else {
    const path = `/1.0/images/aliases/${encodeURIComponent(alias)}`;
    await run("incus", ["query", "--request=PATCH", `--data=${JSON.stringify({ target: fingerprint })}`, path]);
    await tryRun("incus", ["image", "delete", previous]);
  }
}

/** Takes an image away again that is no good, unless it bears a name. */
export async function discardImage(fingerprint: string): Promise<void> {
  const aliases = await listAliases();
  if (aliases.some(({ target }) => target === fingerprint)) return;
  await tryRun("incus", ["image", "delete", fingerprint], { isCleanUp: true });
}

/** The hash of the recipe that the image under this name was made from. */
export async function publishedHash(alias: string): Promise<string | undefined> {
  return (await tryRun("incus", ["image", "get-property", alias, "recipe"]))?.trim();
}

async function aliasTarget(alias: string): Promise<string | undefined> {
  return (await listAliases()).find(({ name }) => name === alias)?.target;
}

async function listAliases() {
  const listed: unknown = JSON.parse(await run("incus", ["image", "alias", "list", "--format", "json"]));
  return z.array(z.object({ name: z.string(), target: z.string() })).parse(listed);
}

/** As Incus computes it: SHA-256 over the metadata, then the root file system. */
async function fingerprintOf({ metadata, rootfs }: BuiltImage): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [metadata, rootfs]) {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}
