import { createAuthenticator } from "./authenticate.ts";
import { createServer } from "./create-server.ts";
import { deleteResource } from "./delete-resource.ts";
import type { Dependencies } from "./dependencies.ts";
import { getAction, waitForAction } from "./read-actions.ts";
import { getServer, listServers } from "./read-servers.ts";
import { createReadiness } from "./readiness.ts";
import type { Services } from "./services.ts";
import { createSshKey, deleteSshKey, getSshKey, listSshKeys } from "./ssh-keys.ts";
import { validateServerReferences } from "./validate-server-references.ts";

/** Binds the use-cases to their dependencies. */
export function createServices(dependencies: Dependencies): Services {
  return {
    authenticate: createAuthenticator(dependencies),

    createServer: (request, context) => createServer(dependencies, request, context),
    validateServerReferences: (request, principal) => validateServerReferences(dependencies, request, principal),
    listServers: (filter, page, principal) => listServers(dependencies, filter, page, principal),
    getServer: (id, principal) => getServer(dependencies, id, principal),
    deleteServer: (id, context) => deleteResource(dependencies, "server", id, context),

    getAction: (id, principal) => getAction(dependencies, id, principal),
    waitForAction: (id, principal, waitMs, signal) => waitForAction(dependencies, id, principal, waitMs, signal),

    createSshKey: (request, context) => createSshKey(dependencies, request, context),
    listSshKeys: (page, principal) => listSshKeys(dependencies, page, principal),
    getSshKey: (id, principal) => getSshKey(dependencies, id, principal),
    deleteSshKey: (id, context) => deleteSshKey(dependencies, id, context),

    readiness: createReadiness(dependencies),
  };
}
