import { z } from "zod";
import { DATABASE_ENGINES, type Database, type DatabaseCredentials, ENGINE_ENDPOINTS } from "../../domain/database.ts";
import { ipv4, powerState, resourceError, resourceStatus, shownId, shownLabels, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

export const databaseEngine = z
  .enum(DATABASE_ENGINES)
  .meta({ id: "Engine", description: "What the client library is chosen by." });
const port = z.number().meta({ published: { type: "integer", minimum: 1, maximum: 65_535 } });

export const databaseSchema = z
  .object({
    id: shownId("database"),
    name: z.string(),
    engine: databaseEngine,
    version: z.string().meta({ description: "What runs." }),
    implementation: z
      .string()
      .meta({ description: "What really answers, such as `PostgreSQL`, or `FerretDB` for MongoDB's protocol." }),
    plan: z.string(),
    region: z.string(),
    status: resourceStatus,
    power_state: powerState,
    endpoint: z.object({ host: ipv4.nullable(), port }).meta({ description: "Where it answers, over TLS only." }),
    tls_ca_url: z.string().meta({
      description: "Where the certificate authority is read from.",
      published: { type: "string", format: "uri-reference" },
    }),
    trusted_sources: z
      .array(z.string())
      .meta({ description: "Who may connect. None: everything on the region's network." }),
    labels: shownLabels,
    action_id: shownId("action").meta({
      description: "The latest action on it: follow it with `GET /v1/actions/{id}`.",
    }),
    created_at: timestamp,
    updated_at: timestamp,
    error: resourceError.nullable(),
  })
  .meta({ id: "Database" });

export function databaseView(database: Database): z.output<typeof databaseSchema> {
  return {
    id: database.id,
    name: database.name,
    engine: database.engine,
    version: database.version,
    implementation: database.implementation,
    plan: database.plan,
    region: database.region,
    status: database.status,
    power_state: database.powerState,
    endpoint: { host: database.ipv4, port: ENGINE_ENDPOINTS[database.engine].port },
    tls_ca_url: `/v1/databases/${database.id}/ca.pem`,
    trusted_sources: database.trustedSources,
    labels: database.labels,
    action_id: database.actionId,
    created_at: rfc3339(database.createdAt),
    updated_at: rfc3339(database.updatedAt),
    error: database.error,
  };
}

export const credentialsSchema = z
  .object({
    host: ipv4,
    port,
    user: z.string().meta({ description: "It may change when the credentials are rotated: read it anew." }),
    password: z.string(),
    database: z.string().nullable().meta({ description: "Null for Redis, whose databases have no names." }),
    uri: z.string().meta({ description: "All of it in one line, for clients that take a connection URI." }),
    ca_certificate: z.string().meta({ description: "PEM of the certificate authority, to check who answers." }),
  })
  .meta({ id: "DatabaseCredentials" });

export function credentialsView(credentials: DatabaseCredentials): z.output<typeof credentialsSchema> {
  const { host, port, user, password, database, uri, caCertificate } = credentials;
  return { host, port, user, password, database, uri, ca_certificate: caCertificate };
}
