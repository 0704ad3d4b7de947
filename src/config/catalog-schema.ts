import { z } from "zod";
import { parseAddressRange } from "./address-ranges.ts";
import { deadlineSecondsSchema } from "./deadlines-schema.ts";
import { quotasSchema, rateLimitsSchema } from "./limits-schema.ts";

/** The shape of cloudnexus.yaml. cloudnexus.example.yaml explains every setting. */

const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits, dots and dashes");
const ipv4 = z.ipv4("must be an IPv4 address");
const size = { vcpus: z.int().min(1), memory_mib: z.int().min(64), disk_gib: z.int().min(1) };

const addressRange = z.string().transform((text, context) => {
  const range = parseAddressRange(text);
  if (range) return range;
  context.addIssue({ code: "custom", message: "must be an address, a CIDR block or first-last" });
  return z.NEVER;
});

const region = z
  .strictObject({
    name: z.string().min(1),
    host: slug.optional(),
    endpoint: z.string().regex(/^(unix:\/\/\/|https:\/\/)/, "must begin with unix:/// or https://"),
    tls: z
      .strictObject({
        client_certificate_file: z.string(),
        client_key_file: z.string(),
        server_fingerprint: z.string().regex(/^[0-9a-fA-F]{64}$/, "must be 64 hexadecimal digits (SHA-256)"),
      })
      .optional(),
    project: z.string().min(1),
    network: z.string().min(1),
    storage_pool: z.string().min(1),
    addresses: z.array(addressRange).min(1),
    gateway: ipv4,
    prefix_length: z.int().min(8).max(30),
    nameservers: z.array(ipv4).min(1),
    capacity: z.strictObject(size).optional(),
    default_image: slug.optional(),
    images: z.record(slug, z.string().min(1)),
  })
  .refine((value) => value.endpoint.startsWith("unix:") || value.tls, {
    path: ["tls"],
    message: "is needed for an https endpoint",
  });

const price = z.strictObject({
  amount: z
    .string('must be a decimal number in quotes, such as "12.00"')
    .regex(/^\d+(\.\d+)?$/, "must be a decimal number"),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be a currency code of three letters, such as USD"),
  per: z.enum(["hour", "month"]),
});

const plan = z.strictObject({
  ...size,
  kinds: z.array(z.enum(["server", "database"])).min(1),
  price: price.optional(),
});

export const catalogSchema = z
  .strictObject({
    infrastructure: z.enum(["incus", "sandbox"]).default("incus"),
    default_image: slug,
    regions: z.record(slug, region),
    plans: z.record(slug, plan),
    images: z.record(slug, z.strictObject({ name: z.string().min(1) })),
    rate_limits: rateLimitsSchema,
    quotas: quotasSchema,
    deadline_seconds: deadlineSecondsSchema,
  })
  .superRefine((catalog, context) => {
    if (Object.keys(catalog.regions).length === 0) {
      context.addIssue({ code: "custom", path: ["regions"], message: "must name at least one region" });
    }
    const knows = (image: string) => Object.hasOwn(catalog.images, image);
    const unknownImage = (path: string[], image: string) =>
      context.addIssue({ code: "custom", path, message: `names an image that is not under images: ${image}` });
    if (!knows(catalog.default_image)) unknownImage(["default_image"], catalog.default_image);
    for (const [name, settings] of Object.entries(catalog.regions)) {
      const path = ["regions", name];
      for (const image of Object.keys(settings.images)) {
        if (!knows(image)) unknownImage([...path, "images"], image);
      }
      if (settings.default_image && !Object.hasOwn(settings.images, settings.default_image)) {
        unknownImage([...path, "default_image"], settings.default_image);
      }
    }
  });

export type CatalogFile = z.infer<typeof catalogSchema>;
