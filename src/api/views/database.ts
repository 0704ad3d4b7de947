import { type Database, type DatabaseCredentials, ENGINE_ENDPOINTS } from "../../domain/database.ts";
import { rfc3339 } from "./timestamp.ts";

export function databaseView(database: Database) {
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

export function credentialsView(credentials: DatabaseCredentials) {
  const { host, port, user, password, database, uri, caCertificate } = credentials;
  return { host, port, user, password, database, uri, ca_certificate: caCertificate };
}
