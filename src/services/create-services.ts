import { actOnDatabase } from "./act-on-database.ts";
import { actOnServer } from "./act-on-server.ts";
import { createApiKey, getApiKey, listApiKeys, revokeApiKey, rollApiKey } from "./api-keys.ts";
import { createAudit, getAudit, listAuditLog, listAudits } from "./audits.ts";
import { createAuthenticator } from "./authenticate.ts";
import { cancelAction } from "./cancel-action.ts";
import { createDatabase } from "./create-database.ts";
import { createServer } from "./create-server.ts";
import { getDatabaseCa, readDatabaseCredentials } from "./database-secrets.ts";
import { deleteResource } from "./delete-resource.ts";
import type { Dependencies } from "./dependencies.ts";
import type { EventStreams } from "./event-streams.ts";
import { createHold, getHold, listHolds, releaseHold } from "./holds.ts";
import {
  createAccount,
  getAnyAccount,
  issueKeyForAccount,
  listAllAccounts,
  listKeysOfAccount,
  resumeAccount,
  revokeAnyKey,
  setAccountLimits,
  suspendAccount,
} from "./operator-accounts.ts";
import { cancelOperatorAction, getOperatorAction, listOperatorActions } from "./operator-actions.ts";
import { listQueues } from "./operator-queues.ts";
import { listRegionStates } from "./operator-regions.ts";
import { withOutagesNamed } from "./outages.ts";
import { previewDatabase, previewServer } from "./preview.ts";
import { getAccount } from "./read-account.ts";
import { getAction, listActions, listActionsOf, waitForAction } from "./read-actions.ts";
import { listImages, listPlans, listRegions } from "./read-catalog.ts";
import { getDatabase, listDatabaseEngines, listDatabases } from "./read-databases.ts";
import { getServer, listServers } from "./read-servers.ts";
import { createReadiness } from "./readiness.ts";
import { createRetry, getRetry, listRetries, previewRetry, stopRetry } from "./retries.ts";
import type { Services } from "./services.ts";
import { createSshKey, deleteSshKey, getSshKey, listSshKeys } from "./ssh-keys.ts";
import { updateDatabase } from "./update-database.ts";
import { updateServer } from "./update-server.ts";
import { validateDatabaseReferences } from "./validate-database-references.ts";
import { validateServerReferences } from "./validate-server-references.ts";
import { changeWorkers, listWorkerBuilds } from "./workers.ts";

/** Binds the use-cases to their dependencies. `streams`: those of this process. */
export function createServices(dependencies: Dependencies, streams: EventStreams): Services {
  return withOutagesNamed({
    authenticate: createAuthenticator(dependencies),

    createServer: (request, context) => createServer(dependencies, request, context),
    validateServerReferences: (request, principal) => validateServerReferences(dependencies, request, principal),
    previewServer: (request, principal) => previewServer(dependencies, request, principal),
    listServers: (filter, page, principal) => listServers(dependencies, filter, page, principal),
    getServer: (id, principal) => getServer(dependencies, id, principal),
    updateServer: (id, request, context) => updateServer(dependencies, id, request, context),
    deleteServer: (id, context) => deleteResource(dependencies, "server", id, context),
    actOnServer: (id, request, context) => actOnServer(dependencies, id, request, context),

    createDatabase: (request, context) => createDatabase(dependencies, request, context),
    validateDatabaseReferences: (request) => validateDatabaseReferences(dependencies, request),
    previewDatabase: (request, principal) => previewDatabase(dependencies, request, principal),
    listDatabases: (filter, page, principal) => listDatabases(dependencies, filter, page, principal),
    getDatabase: (id, principal) => getDatabase(dependencies, id, principal),
    updateDatabase: (id, request, context) => updateDatabase(dependencies, id, request, context),
    deleteDatabase: (id, context) => deleteResource(dependencies, "database", id, context),
    actOnDatabase: (id, request, context) => actOnDatabase(dependencies, id, request, context),
    readDatabaseCredentials: (id, context) => readDatabaseCredentials(dependencies, id, context),
    getDatabaseCa: (id, principal) => getDatabaseCa(dependencies, id, principal),

    getAccount: (principal) => getAccount(dependencies, principal),

    listRegions: () => listRegions(dependencies),
    listPlans: () => listPlans(dependencies),
    listImages: () => listImages(dependencies),
    listDatabaseEngines: () => listDatabaseEngines(dependencies),

    listActions: (filter, page, principal) => listActions(dependencies, filter, page, principal),
    listActionsOf: (kind, id, page, principal) => listActionsOf(dependencies, kind, id, page, principal),
    cancelAction: (id, context) => cancelAction(dependencies, id, context),
    getAction: (id, principal) => getAction(dependencies, id, principal),
    waitForAction: (id, principal, waitMs, signal) => waitForAction(dependencies, id, principal, waitMs, signal),

    openEvents: (request, principal, signal) => streams.open(request, principal, signal),

    createSshKey: (request, context) => createSshKey(dependencies, request, context),
    listSshKeys: (page, principal) => listSshKeys(dependencies, page, principal),
    getSshKey: (id, principal) => getSshKey(dependencies, id, principal),
    deleteSshKey: (id, context) => deleteSshKey(dependencies, id, context),

    createApiKey: (request, context) => createApiKey(dependencies, request, context),
    listApiKeys: (page, principal) => listApiKeys(dependencies, page, principal),
    getApiKey: (id, principal) => getApiKey(dependencies, id, principal),
    revokeApiKey: (id, context) => revokeApiKey(dependencies, id, context),
    rollApiKey: (id, overlapSeconds, context) => rollApiKey(dependencies, id, overlapSeconds, context),

    createAudit: (request, context) => createAudit(dependencies, request, context),
    listAudits: (page) => listAudits(dependencies, page),
    getAudit: (id) => getAudit(dependencies, id),
    listAuditLog: (accountId, page) => listAuditLog(dependencies, accountId, page),

    listOperatorActions: (filter, page) => listOperatorActions(dependencies, filter, page),
    getOperatorAction: (id) => getOperatorAction(dependencies, id),
    cancelOperatorAction: (id, reason, context) => cancelOperatorAction(dependencies, id, reason, context),

    previewRetry: (filter) => previewRetry(dependencies, filter),
    createRetry: (request, context) => createRetry(dependencies, request, context),
    listRetries: (page) => listRetries(dependencies, page),
    getRetry: (id) => getRetry(dependencies, id),
    stopRetry: (id, reason, context) => stopRetry(dependencies, id, reason, context),

    createHold: (request, context) => createHold(dependencies, request, context),
    listHolds: (which, page) => listHolds(dependencies, which, page),
    getHold: (id) => getHold(dependencies, id),
    releaseHold: (id, reason, context) => releaseHold(dependencies, id, reason, context),

    listWorkerBuilds: () => listWorkerBuilds(dependencies),
    changeWorkers: (request, context) => changeWorkers(dependencies, request, context),

    listQueues: () => listQueues(dependencies),
    listRegionStates: () => listRegionStates(dependencies),
    listAllAccounts: (status, page) => listAllAccounts(dependencies, status, page),
    getAnyAccount: (id) => getAnyAccount(dependencies, id),
    createAccount: (request, context) => createAccount(dependencies, request, context),
    setAccountLimits: (id, request, context) => setAccountLimits(dependencies, id, request, context),
    suspendAccount: (id, reason, context) => suspendAccount(dependencies, id, reason, context),
    resumeAccount: (id, reason, context) => resumeAccount(dependencies, id, reason, context),
    listKeysOfAccount: (accountId, page) => listKeysOfAccount(dependencies, accountId, page),
    issueKeyForAccount: (accountId, request, context) => issueKeyForAccount(dependencies, accountId, request, context),
    revokeAnyKey: (id, reason, context) => revokeAnyKey(dependencies, id, reason, context),

    readiness: createReadiness(dependencies),
  });
}
