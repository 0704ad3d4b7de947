import type { Resource, ResourceError } from "./resource.ts";
import type { PowerState } from "./statuses.ts";

export const DATABASE_ENGINES = ["postgresql", "mysql", "redis", "mongodb"] as const;
export type DatabaseEngine = (typeof DATABASE_ENGINES)[number];

/** What is the same in every database of an engine. Clients expect the port; a database of Redis has no name. */
export const ENGINE_ENDPOINTS: Record<DatabaseEngine, { port: number; database: string | null }> = {
  postgresql: { port: 5432, database: "app" },
  mysql: { port: 3306, database: "app" },
  redis: { port: 6379, database: null },
  mongodb: { port: 27_017, database: "app" },
};

/** The user of a new database; a rotation may go on with another one. */
export const FIRST_USERNAME = "app";

/** Where the guest finds the volume with the customer's data. */
export const DATA_PATH = "/data";

/** For the system and the engine's programs. The plan's disk is the data's alone. */
export const ENGINE_ROOT_DISK_GIB = 4;

/** What can be asked of a database that is there. A retry is a create once more. */
export const DATABASE_REQUESTS = ["restart", "suspend", "resume", "retry", "rotate_credentials"] as const;
export type DatabaseRequest = (typeof DATABASE_REQUESTS)[number];

/** What the disk of a database is made from; its exact version is what the region's image of that name has in it. */
export function databaseImage({ engine, major }: { engine: string; major: string }): string {
  return `${engine}-${major}`;
}

export interface Database extends Resource {
  plan: string;
  engine: DatabaseEngine;
  /** What runs; before the create has chosen its image, what the region offered. */
  version: string;
  /** What really answers: `PostgreSQL`, `FerretDB 1.24.2 on PostgreSQL 17`. */
  implementation: string;
  powerState: PowerState;
  /** CIDR blocks; none: the region's network. */
  trustedSources: string[];
  labels: Record<string, string>;
  error: ResourceError | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What a client needs to log in. */
export interface DatabaseCredentials {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Null for an engine whose databases have no names. */
  database: string | null;
  uri: string;
  /** PEM. */
  caCertificate: string;
}
