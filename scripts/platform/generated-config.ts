import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Document } from "yaml";
import { INCUS_SOCKET } from "./incus-daemon.ts";
import { LOCAL_REGIONS, STORAGE_POOL } from "./incus-region.ts";

const PLANS = {
  starter: { vcpus: 1, memory_mib: 512, disk_gib: 10, kinds: ["server"] },
  pro: { vcpus: 2, memory_mib: 2048, disk_gib: 40, kinds: ["server"] },
  enterprise: { vcpus: 4, memory_mib: 8192, disk_gib: 160, kinds: ["server"] },
  standard: { vcpus: 1, memory_mib: 1024, disk_gib: 20, kinds: ["database"] },
};
const IMAGE_NAMES: Record<string, { name: string }> = {
  "ubuntu-22.04": { name: "Ubuntu 22.04 LTS" },
  "debian-12": { name: "Debian 12" },
};

interface GeneratedConfig {
  infrastructure: "incus" | "sandbox";
  /** Image slug -> alias; the first is the default. */
  images: Record<string, string>;
  comment: string;
}

/** Both regions on this machine's Incus, with the image that was made here. */
export const LOCAL_INCUS_CONFIG: GeneratedConfig = {
  infrastructure: "incus",
  images: { "debian-12": "cloudnexus/debian-12" },
  comment: [
    " Made by `npm run quickstart`: two regions on this machine's Incus. Edit it as you like; delete it to have it made again.",
    " cloudnexus.example.yaml explains every setting.",
    " The default image is debian-12, which the quickstart builds here. The published default, ubuntu-22.04, needs an image with",
    " cloud-init and an SSH server: import one, name its alias under images, and change default_image.",
  ].join("\n"),
};

/** The same catalogue for the sandbox, where every image exists. */
export const SANDBOX_CONFIG: GeneratedConfig = {
  infrastructure: "sandbox",
  images: { "ubuntu-22.04": "ubuntu/22.04/cloud", "debian-12": "cloudnexus/debian-12" },
  comment:
    " Made because there was no cloudnexus.yaml: a sandbox, in which servers are simulated.\n Delete it to have it made again.",
};

/** Writes the file where there is none; answers its path. */
export async function ensureConfig(file: string, config: GeneratedConfig): Promise<string> {
  if (existsSync(file)) return file;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, render(config));
  return file;
}

function render({ infrastructure, images, comment }: GeneratedConfig): string {
  const regions = LOCAL_REGIONS.map((region): [string, object] => [
    region.slug,
    {
      name: region.name,
      endpoint: `unix://${INCUS_SOCKET}`,
      project: region.project,
      network: region.network,
      storage_pool: STORAGE_POOL,
      addresses: [`${region.firstAddress}-${region.lastAddress}`],
      gateway: region.gateway,
      prefix_length: region.prefixLength,
      nameservers: [region.gateway],
      images,
    },
  ]);
  const document = new Document({
    infrastructure,
    default_image: Object.keys(images)[0],
    regions: Object.fromEntries(regions),
    plans: PLANS,
    images: Object.fromEntries(Object.keys(images).map((slug) => [slug, IMAGE_NAMES[slug]])),
  });
  document.commentBefore = comment;
  return document.toString();
}
