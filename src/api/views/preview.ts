import { z } from "zod";
import type { DatabasePreview, ServerPreview } from "../../services/services.ts";
import { shownLabels } from "../schemas/shown.ts";
import { priceSchema, priceView, sizeShape } from "./catalog.ts";
import { databaseEngine } from "./database.ts";

const shape = {
  dry_run: z.literal(true),
  name: z.string(),
  plan: z.string(),
  region: z.string(),
  labels: shownLabels,
  ...sizeShape,
  price: priceSchema.nullable(),
};

/** What a create would make. It has no id, no address and no status: it does not exist. */
export const serverPreviewSchema = z
  .object({ ...shape, image: z.string(), ssh_keys: z.array(z.string()) })
  .meta({ id: "ServerPreview" });

export const databasePreviewSchema = z
  .object({
    ...shape,
    engine: databaseEngine,
    version: z.string().meta({ description: "What the region would make it of." }),
    implementation: z.string(),
    trusted_sources: z.array(z.string()),
  })
  .meta({ id: "DatabasePreview" });

export function serverPreviewView(preview: ServerPreview): z.output<typeof serverPreviewSchema> {
  return { ...sharedView(preview), image: preview.image, ssh_keys: preview.sshKeyIds };
}

export function databasePreviewView(preview: DatabasePreview): z.output<typeof databasePreviewSchema> {
  return {
    ...sharedView(preview),
    engine: preview.engine,
    version: preview.version,
    implementation: preview.implementation,
    trusted_sources: preview.trustedSources,
  };
}

function sharedView({ name, plan, region, labels }: ServerPreview | DatabasePreview) {
  return {
    dry_run: true as const,
    name,
    plan: plan.slug,
    region,
    labels,
    vcpus: plan.vcpus,
    memory_mib: plan.memoryMib,
    disk_gib: plan.diskGib,
    price: plan.price && priceView(plan.price),
  };
}
