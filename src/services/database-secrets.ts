import { type Database, type DatabaseCredentials, type DatabaseEngine, ENGINE_ENDPOINTS } from "../domain/database.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import { boundTo } from "../domain/sealed-rows.ts";
import { auditRequest } from "./audit.ts";
import type { Dependencies } from "./dependencies.ts";
import { getDatabase } from "./read-databases.ts";
import type { RequestContext } from "./services.ts";

/** What a client needs to log in. The read is in the audit log before anything is answered. */
export async function readDatabaseCredentials(
  dependencies: Dependencies,
  id: string,
  context: RequestContext,
): Promise<DatabaseCredentials> {
  const { store, secretBox } = dependencies;
  const database = await getDatabase(dependencies, id, context.principal);
  const [login, certificate] = await Promise.all([store.credentials.find(id), store.certificates.find(id)]);
  const isProven = database.status === "active" || database.status === "suspended";
  if (!isProven || !login || !certificate || database.ipv4 === null) {
    throw new DomainError("invalid_status", {
      publicText: `The database is ${database.status}; it has credentials once it is active.`,
    });
  }
  await auditRequest(store, context, { event: "credentials.read", resourceKind: "database", resourceId: id });
  const { port, database: databaseName } = ENGINE_ENDPOINTS[database.engine];
  const password = secretBox.open(login.passwordBox, boundTo.password(id));
  return {
    host: database.ipv4,
    port,
    user: login.username,
    password,
    database: databaseName,
    uri: URI_OF[database.engine](`${login.username}:${password}@${database.ipv4}:${port}`),
    caCertificate: certificate.authorityCertificate,
  };
}

/** As each engine's own clients take it, with the server's certificate checked; where the CA is, is for the client to say. */
const URI_OF: Record<DatabaseEngine, (login: string) => string> = {
  postgresql: (login) => `postgresql://${login}/app?sslmode=verify-full`,
  mysql: (login) => `mysql://${login}/app?ssl-mode=VERIFY_IDENTITY`,
  redis: (login) => `rediss://${login}/0`,
  mongodb: (login) => `mongodb://${login}/app?tls=true`,
};

/** Public: whoever may see the database may check whom it talks to. */
export async function getDatabaseCa(dependencies: Dependencies, id: string, principal: Principal): Promise<string> {
  const database: Database = await getDatabase(dependencies, id, principal);
  const certificate = await dependencies.store.certificates.find(id);
  if (certificate) return certificate.authorityCertificate;
  throw new DomainError("invalid_status", {
    publicText: `The database is ${database.status}; it has a certificate once that step of its create is done.`,
  });
}
