import type { InstanceRecord, State, StringMap } from "./state.ts";

interface EngineImage {
  alias: string;
  properties: StringMap;
}

interface InstalledEngine {
  engine: string;
  major: string;
  version: string;
}

/** Every engine that CloudNexus builds an image for, as its builder describes it. */
export const engineImages: EngineImage[] = [
  engineImage("postgresql-15", "postgresql", "15", "15.18", "PostgreSQL"),
  engineImage("postgresql-17", "postgresql", "17", "17.6", "PostgreSQL"),
  engineImage("postgresql-18", "postgresql", "18", "18.6", "PostgreSQL"),
  engineImage("redis-7", "redis", "7", "7.0.15", "Redis"),
  engineImage("redis-8", "redis", "8", "8.0.2", "Redis"),
  engineImage("mysql-9", "mysql", "9.7", "9.7.0", "MySQL"),
  engineImage("mongodb-7", "mongodb", "7.0", "7.0.77", "FerretDB 1.24.2 on PostgreSQL 17"),
];

function engineImage(
  name: string,
  engine: string,
  major: string,
  version: string,
  implementation: string,
): EngineImage {
  return {
    alias: `cloudnexus/${name}`,
    properties: {
      "cloudnexus.engine": engine,
      "cloudnexus.major": major,
      "cloudnexus.version": version,
      "cloudnexus.implementation": implementation,
      recipe: "simulated",
    },
  };
}

/** The engine in the image that an instance was made from; null if it has none. */
export function engineOf(state: State, instance: InstanceRecord): InstalledEngine | null {
  const fingerprint = instance.config["volatile.base_image"];
  const image = [...state.images.values()].find((candidate) => candidate.fingerprint === fingerprint);
  const properties = image?.properties ?? {};
  const [engine, major] = [properties["cloudnexus.engine"], properties["cloudnexus.major"] ?? ""];
  return engine === undefined ? null : { engine, major, version: properties["cloudnexus.version"] ?? "" };
}
