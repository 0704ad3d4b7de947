import type { VolumeSpec } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import { volumeName } from "./instance-name.ts";
import { ownershipTags } from "./ownership.ts";
import type { IncusRegionOptions } from "./region-options.ts";
import { apiPath, type Transport } from "./transport.ts";
import type { WireVolume, WireVolumePost } from "./wire.ts";

/** Incus answers when the volume is there, and some kinds of storage format it first. */
const WORK_TIMEOUT_MS = 60_000;

export type Volumes = ReturnType<typeof createVolumes>;

/** The requests of the noun custom volume, one each. */
export function createVolumes(transport: Transport, region: IncusRegionOptions) {
  const all = apiPath("storage-pools", region.storagePool, "volumes", "custom");
  const pathOf = (name: string) => `${all}/${encodeURIComponent(name)}`;
  return {
    async find(name: string, signal: AbortSignal): Promise<WireVolume | null> {
      try {
        return await transport.read<WireVolume>(pathOf(name), { signal });
      } catch (error) {
        // Without its pool or project every volume is "not found": that must not pass for a deleted one.
        if (error instanceof IncusError && error.status === 404 && /volume not found/i.test(error.text)) return null;
        throw error;
      }
    },

    async list(signal: AbortSignal): Promise<WireVolume[]> {
      return await transport.read<WireVolume[]>(all, { query: { recursion: "1" }, signal });
    },

    async create(spec: VolumeSpec, signal: AbortSignal): Promise<void> {
      await transport.write({ method: "POST", path: all, body: volumePost(spec), timeoutMs: WORK_TIMEOUT_MS, signal });
    },

    async delete(name: string, signal: AbortSignal): Promise<void> {
      await transport.write({ method: "DELETE", path: pathOf(name), timeoutMs: WORK_TIMEOUT_MS, signal });
    },
  };
}

function volumePost({ owner, sizeGib }: VolumeSpec): WireVolumePost {
  return {
    name: volumeName(owner.id),
    content_type: "filesystem",
    description: "",
    config: { ...ownershipTags(owner), size: `${sizeGib}GiB` },
  };
}
