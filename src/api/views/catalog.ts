import { z } from "zod";
import type { PlanPrice } from "../../domain/catalog.ts";
import type { ImageOffer, PlanOffer, RegionOffer } from "../../services/services.ts";
import { count } from "../schemas/shown.ts";
import { databaseEngine } from "./database.ts";

export const priceSchema = z
  .object({
    amount: z
      .string()
      .meta({ description: "A decimal number.", published: { type: "string", pattern: "^\\d+(\\.\\d+)?$" } }),
    currency: z.string().meta({ description: "ISO 4217.", published: { type: "string", pattern: "^[A-Z]{3}$" } }),
    per: z.enum(["hour", "month"]),
  })
  .meta({ id: "Price", description: "What it costs from the accepted create to the end of its delete." });

export const sizeShape = {
  vcpus: count,
  memory_mib: count,
  disk_gib: count.meta({ description: "Of a server, its disk; of a database, the volume with the data." }),
};

const resourceKinds = z.array(z.enum(["server", "database"])).meta({ description: "What it can be ordered for." });
const regions = z.array(z.string());

const regionSchema = z
  .object({
    slug: z.string().meta({ description: "What creates take as `region`." }),
    name: z.string(),
    has_free_address: z.boolean().meta({ description: "Without one, every create is refused with `no_capacity`." }),
    images: z.array(z.string()).meta({ description: "The images that servers can boot here." }),
    default_image: z
      .string()
      .nullable()
      .meta({ description: "What a server gets whose create names none; null where the region does not offer it." }),
    database_engines: z
      .array(z.object({ engine: databaseEngine, version: z.string() }))
      .meta({ description: "The engines it has images of, newest first." }),
    plans: z.array(z.string()).meta({ description: "The plans it has room for at the moment." }),
  })
  .meta({ id: "Region" });

const planSchema = z
  .object({
    slug: z.string().meta({ description: "What creates take as `plan`." }),
    kinds: resourceKinds,
    ...sizeShape,
    price: priceSchema.nullable().meta({ description: "Null where the operator of this installation names none." }),
    regions: regions.meta({ description: "Those that have room for one more at the moment." }),
  })
  .meta({ id: "Plan" });

const imageSchema = z
  .object({
    slug: z.string().meta({ description: "What `POST /v1/servers` takes as `image`." }),
    name: z.string(),
    regions: regions.meta({ description: "Where servers can boot it." }),
    default_in: regions.meta({ description: "Where it is what a server gets whose create names none." }),
  })
  .meta({ id: "Image" });

const engineSchema = z
  .object({
    engine: databaseEngine,
    version: z.string(),
    implementation: z.string().meta({ description: "What really answers." }),
    regions: regions.meta({ description: "Those that have it." }),
  })
  .meta({ id: "DatabaseEngine" });

export const regionsSchema = z.array(regionSchema);
export const plansSchema = z.array(planSchema);
export const imagesSchema = z.array(imageSchema);
export const databaseEnginesSchema = z.array(engineSchema);

export function regionView(region: RegionOffer): z.output<typeof regionSchema> {
  return {
    slug: region.slug,
    name: region.name,
    has_free_address: region.hasFreeAddress,
    images: region.images,
    default_image: region.defaultImage,
    database_engines: region.engines.map(({ engine, version }) => ({ engine, version })),
    plans: region.plans,
  };
}

export function planView(plan: PlanOffer): z.output<typeof planSchema> {
  return {
    slug: plan.slug,
    kinds: plan.kinds,
    vcpus: plan.vcpus,
    memory_mib: plan.memoryMib,
    disk_gib: plan.diskGib,
    price: plan.price && priceView(plan.price),
    regions: plan.regions,
  };
}

export function priceView({ amount, currency, per }: PlanPrice): z.output<typeof priceSchema> {
  return { amount, currency, per };
}

export function imageView(image: ImageOffer): z.output<typeof imageSchema> {
  return { slug: image.slug, name: image.name, regions: image.regions, default_in: image.defaultIn };
}
