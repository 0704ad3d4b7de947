import type { Endpoint } from "./endpoint.ts";
import { accountEndpoints } from "./routes/account.ts";
import { actionEndpoints } from "./routes/actions.ts";
import { apiKeyEndpoints } from "./routes/api-keys.ts";
import { catalogEndpoints } from "./routes/catalog.ts";
import { contractEndpoint } from "./routes/contract.ts";
import { databaseAccessEndpoints } from "./routes/database-access.ts";
import { databaseEndpoints } from "./routes/databases.ts";
import { eventEndpoints } from "./routes/events.ts";
import { operatorAccountEndpoints } from "./routes/operator-accounts.ts";
import { operatorActionEndpoints } from "./routes/operator-actions.ts";
import { operatorAuditEndpoints } from "./routes/operator-audits.ts";
import { operatorHoldEndpoints } from "./routes/operator-holds.ts";
import { operatorQueueEndpoints } from "./routes/operator-queues.ts";
import { operatorRegionEndpoints } from "./routes/operator-regions.ts";
import { operatorRetryEndpoints } from "./routes/operator-retries.ts";
import { operatorWorkerEndpoints } from "./routes/operator-workers.ts";
import { serverActionEndpoints } from "./routes/server-actions.ts";
import { serverEndpoints } from "./routes/servers.ts";
import { serviceEndpoints } from "./routes/service.ts";
import { sshKeyEndpoints } from "./routes/ssh-keys.ts";

/** Every call of the API, in the order of the reference. `contract`: the text of its description. */
export function allEndpoints(contract: string): Endpoint[] {
  return [
    ...serverEndpoints,
    ...serverActionEndpoints,
    ...databaseEndpoints,
    ...databaseAccessEndpoints,
    ...sshKeyEndpoints,
    ...apiKeyEndpoints,
    ...accountEndpoints,
    ...actionEndpoints,
    ...eventEndpoints,
    ...catalogEndpoints,
    ...operatorActionEndpoints,
    ...operatorRetryEndpoints,
    ...operatorHoldEndpoints,
    ...operatorAuditEndpoints,
    ...operatorWorkerEndpoints,
    ...operatorQueueEndpoints,
    ...operatorRegionEndpoints,
    ...operatorAccountEndpoints,
    ...serviceEndpoints,
    contractEndpoint(contract),
  ];
}
