import type { Catalog } from "../src/domain/catalog.ts";
import type { QuotaLimits } from "../src/domain/quotas.ts";
import type { WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { accessRuleActivities } from "./access-rules.ts";
import { actionEndActivities } from "./action-end.ts";
import { auditInstallationActivities } from "./audit-installation.ts";
import { auditRegionActivities } from "./audit-region.ts";
import { auditRunActivities } from "./audit-run.ts";
import { capacityActivities } from "./capacity.ts";
import { certificateActivities } from "./certificate.ts";
import { databaseCredentialActivities } from "./database-credentials.ts";
import { databaseEngineActivities } from "./database-engine.ts";
import { engineOfferActivities } from "./engine-offers.ts";
import { enginePasswordActivities } from "./engine-password.ts";
import { eventActivities } from "./events.ts";
import { withClassifiedFailures } from "./failures.ts";
import { gateActivities } from "./gates.ts";
import { idempotencyKeyActivities } from "./idempotency-keys.ts";
import { imageActivities } from "./image.ts";
import { instanceActivities } from "./instance.ts";
import { ipAddressActivities } from "./ip-address.ts";
import { powerActivities } from "./power.ts";
import { instanceRebuildActivities, rebuildActivities } from "./rebuild.ts";
import type { RegionCompute } from "./region-compute.ts";
import { instanceSizeActivities, resizeActivities } from "./resize.ts";
import { retryActivities } from "./retries.ts";
import { runningActionActivities } from "./running-action.ts";
import type { Secrets } from "./secrets.ts";
import { sshKeyActivities } from "./ssh-keys.ts";
import { trustedSourceActivities } from "./trusted-sources.ts";
import { unstartedActionActivities } from "./unstarted-actions.ts";
import { volumeActivities } from "./volume.ts";

/** Activities that touch only our database and Temporal: on the workflows' own task queue. */
export function storeActivities(
  store: Store,
  { catalog, quotas }: { catalog: Catalog; quotas: QuotaLimits },
  secrets: Secrets,
  workflows: WorkflowControl,
) {
  return withClassifiedFailures({
    ...ipAddressActivities(store),
    ...capacityActivities(store, catalog),
    ...sshKeyActivities(store),
    ...databaseCredentialActivities(store, secrets),
    ...certificateActivities(store, secrets),
    ...trustedSourceActivities(store),
    ...actionEndActivities(store),
    ...resizeActivities(store, catalog),
    ...rebuildActivities(store),
    ...runningActionActivities(store, workflows),
    ...unstartedActionActivities(store, workflows),
    ...retryActivities(store, quotas, workflows),
    ...gateActivities(store, workflows),
    ...idempotencyKeyActivities(store),
    ...eventActivities(store),
    ...auditRunActivities(store, catalog),
    ...auditInstallationActivities(store, workflows),
  });
}
export type StoreActivities = ReturnType<typeof storeActivities>;

/** Activities that touch a region's infrastructure: on the region's task queue. */
export function regionActivities(store: Store, catalog: Catalog, compute: RegionCompute) {
  return withClassifiedFailures({
    ...imageActivities(store, compute.driver, catalog),
    ...instanceActivities(store, compute),
    ...powerActivities(store, compute),
    ...instanceSizeActivities(store, compute),
    ...instanceRebuildActivities(store, compute, catalog),
    ...volumeActivities(store, compute.driver),
    ...accessRuleActivities(store, compute),
    ...databaseEngineActivities(store, compute),
    ...enginePasswordActivities(store, compute),
    ...engineOfferActivities(store, compute.driver, catalog),
    ...auditRegionActivities(store, compute),
  });
}
export type RegionActivities = ReturnType<typeof regionActivities>;
