import { createHash } from "node:crypto";
import { engineImages } from "./engine-images.ts";
import { type Change, imageKey, type State } from "./state.ts";

interface Seeds {
  projects: string[];
  /** `NAME=CIDR`, the address of the bridge with its prefix length. */
  networks: string[];
  pools: string[];
  images: string[];
  /** Whether there is an image of every database engine, too. */
  engineImages: boolean;
}

const allFeatures = {
  "features.images": "true",
  "features.networks": "true",
  "features.networks.zones": "true",
  "features.profiles": "true",
  "features.storage.buckets": "true",
  "features.storage.volumes": "true",
};

/** The features that CloudNexus gives the project of a region: everything shared with the default project but volumes. */
const regionFeatures = {
  "features.images": "false",
  "features.networks": "false",
  "features.profiles": "false",
  "features.storage.buckets": "true",
  "features.storage.volumes": "true",
};

/** Adds what is missing; what is there, from an earlier run or otherwise, stays as it is. */
export function plantSeeds(state: State, seeds: Seeds): void {
  const changes: Change[] = [];
  if (!state.projects.has("default")) {
    changes.push([
      "projects",
      "default",
      { name: "default", description: "Default Incus project", config: allFeatures },
    ]);
  }
  for (const name of seeds.projects) {
    if (!state.projects.has(name)) changes.push(["projects", name, { name, description: "", config: regionFeatures }]);
  }
  for (const network of seeds.networks) {
    const [name, cidr] = splitNetwork(network);
    if (state.networks.has(name)) continue;
    const config = { "ipv4.address": cidr, "ipv4.nat": "true", "ipv6.address": "none" };
    changes.push(["networks", name, { name, description: "", config }]);
  }
  for (const name of seeds.pools) {
    if (state.pools.has(name)) continue;
    changes.push(["pools", name, { name, description: "", driver: "btrfs", config: { size: "1TiB" } }]);
  }
  const images = seeds.images.map((alias) => ({ alias, properties: {} }));
  for (const { alias, properties } of [...images, ...(seeds.engineImages ? engineImages : [])]) {
    const fingerprint = createHash("sha256").update(`simulated image ${alias}`).digest("hex");
    if (state.images.has(imageKey("default", fingerprint))) continue;
    const image = {
      fingerprint,
      project: "default",
      aliases: [alias],
      properties: { description: `Simulated image ${alias}`, ...properties },
      createdAt: new Date().toISOString(),
    };
    changes.push(["images", imageKey("default", fingerprint), image]);
  }
  if (changes.length > 0) state.commit(...changes);
}

function splitNetwork(argument: string): [name: string, cidr: string] {
  const match = /^([A-Za-z0-9-]{2,15})=(\d+\.\d+\.\d+\.\d+\/\d+)$/.exec(argument);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new Error(`--network ${argument} is not NAME=CIDR: write it as in --network br0=10.88.0.1/24`);
  }
  return [match[1], match[2]];
}
