import type { ResourceKind } from "./resource.ts";

/** What can be ordered: regions, plans and images. */
export interface Catalog {
  defaultImage: string;
  regions: Record<string, Region>;
  plans: Record<string, Plan>;
  images: Record<string, Image>;
}

export interface Region {
  slug: string;
  name: string;
  /** The host, or the cluster, that the region is on. Several regions may share one. Customers do not see it. */
  host: string;
  /** Image slug → alias in the region's infrastructure. */
  images: Record<string, string>;
  defaultImage: string;
  /** What may be promised in all; null: no limit. */
  capacity: { vcpus: number; memoryMib: number; diskGib: number } | null;
}

/** What a plan costs its holder. The control plane shows it and charges nothing. */
export interface PlanPrice {
  /** A decimal number. */
  amount: string;
  /** ISO 4217. */
  currency: string;
  per: "hour" | "month";
}

export interface Plan {
  slug: string;
  vcpus: number;
  memoryMib: number;
  diskGib: number;
  kinds: ResourceKind[];
  price: PlanPrice | null;
}

export interface Image {
  slug: string;
  name: string;
}
