import type { ApiTokenHasher } from "../domain/api-token-hasher.ts";
import type { Catalog } from "../domain/catalog.ts";
import type { QuotaLimits } from "../domain/quotas.ts";
import type { QueueState } from "../domain/task-queues.ts";
import type { WorkerFleet } from "../domain/worker-fleet.ts";
import type { WorkflowControl } from "../domain/workflow-control.ts";
import type { SecretBox } from "../store/secret-box.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What the use-cases are built from. */
export interface Dependencies {
  store: Store;
  catalog: Catalog;
  /** Of accounts that have none of their own. */
  quotas: QuotaLimits;
  workflows: WorkflowControl;
  workers: WorkerFleet;
  secretBox: SecretBox;
  apiTokenHasher: ApiTokenHasher;
  /** CLOUDNEXUS_BOOTSTRAP_API_KEY: the one token that needs no checksum. */
  bootstrapApiKey: string | null;
  health: {
    checkTemporal(): Promise<void>;
    hasWorkflowPollers(): Promise<boolean>;
    countRegionPollers(region: string): Promise<number>;
    queueStates(regions: string[]): Promise<QueueState[]>;
  };
  logger: Logger;
}
