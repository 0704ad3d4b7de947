import { endpoint } from "../endpoint.ts";
import type { Scope } from "../scopes.ts";
import {
  databaseEnginesSchema,
  imagesSchema,
  imageView,
  plansSchema,
  planView,
  regionsSchema,
  regionView,
} from "../views/catalog.ts";

/** Whoever may see one kind of resource may see what it is made of. */
const EITHER_KIND: readonly [Scope, ...Scope[]] = ["servers:read", "databases:read"];

const regions = endpoint({
  method: "get",
  path: "/v1/regions",
  scopes: EITHER_KIND,
  answers: {
    200: {
      description: "All of them.",
      data: regionsSchema,
      example: [
        {
          slug: "us-east-1",
          name: "US East",
          has_free_address: true,
          images: ["ubuntu-22.04", "debian-12"],
          default_image: "ubuntu-22.04",
          database_engines: [
            { engine: "postgresql", version: "17.6" },
            { engine: "postgresql", version: "15.14" },
          ],
          plans: ["starter", "pro", "standard"],
        },
      ],
    },
  },
  docs: {
    operationId: "listRegions",
    tag: "Catalogue",
    summary: "List all regions",
    description:
      "Where servers and databases can be, and what each region really has: the images and database engines that were found there when it was last looked at, at most a minute ago, and the plans it has room for.",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: (await services.listRegions()).map(regionView) };
  },
});

const plans = endpoint({
  method: "get",
  path: "/v1/plans",
  scopes: EITHER_KIND,
  answers: {
    200: {
      description: "All of them.",
      data: plansSchema,
      example: [
        {
          slug: "pro",
          kinds: ["server"],
          vcpus: 2,
          memory_mib: 2048,
          disk_gib: 40,
          price: { amount: "12.00", currency: "USD", per: "month" },
          regions: ["us-east-1", "eu-west-2"],
        },
      ],
    },
  },
  docs: {
    operationId: "listPlans",
    tag: "Catalogue",
    summary: "List all plans",
    description:
      "The sizes that servers and databases come in, what they cost, and the regions that have room for one more.",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: (await services.listPlans()).map(planView) };
  },
});

const images = endpoint({
  method: "get",
  path: "/v1/images",
  scopes: ["servers:read"],
  answers: {
    200: {
      description: "All of them.",
      data: imagesSchema,
      example: [
        {
          slug: "ubuntu-22.04",
          name: "Ubuntu 22.04 LTS",
          regions: ["us-east-1", "eu-west-2"],
          default_in: ["us-east-1", "eu-west-2"],
        },
      ],
    },
  },
  docs: {
    operationId: "listImages",
    tag: "Catalogue",
    summary: "List all images",
    description: "What servers can boot, and where.",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: (await services.listImages()).map(imageView) };
  },
});

const databaseEngines = endpoint({
  method: "get",
  path: "/v1/database_engines",
  scopes: ["databases:read"],
  answers: {
    200: {
      description: "All of them, by engine and then the newest first.",
      data: databaseEnginesSchema,
      example: [
        { engine: "postgresql", version: "17.6", implementation: "PostgreSQL", regions: ["eu-west-2", "us-east-1"] },
      ],
    },
  },
  docs: {
    operationId: "listDatabaseEngines",
    tag: "Catalogue",
    summary: "List all database engines",
    description:
      "The engines and versions that can be ordered, what really answers their protocol, and the regions that have them.",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: await services.listDatabaseEngines() };
  },
});

export const catalogEndpoints = [regions, plans, images, databaseEngines];
