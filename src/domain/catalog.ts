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
  /** Image slug → alias in the region's infrastructure. */
  images: Record<string, string>;
  defaultImage: string;
  /** What may be promised in all; null: no limit. */
  capacity: { vcpus: number; memoryMib: number; diskGib: number } | null;
}

interface Plan {
  slug: string;
  vcpus: number;
  memoryMib: number;
  diskGib: number;
  kinds: ("server" | "database")[];
}

interface Image {
  slug: string;
  name: string;
}
