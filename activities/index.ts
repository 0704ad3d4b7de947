import type { Catalog } from "../src/domain/catalog.ts";
import type { WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { actionEndActivities } from "./action-end.ts";
import { capacityActivities } from "./capacity.ts";
import { withClassifiedFailures } from "./failures.ts";
import { idempotencyKeyActivities } from "./idempotency-keys.ts";
import { imageActivities } from "./image.ts";
import { instanceActivities, type RegionCompute } from "./instance.ts";
import { ipAddressActivities } from "./ip-address.ts";
import { runningActionActivities } from "./running-action.ts";
import { sshKeyActivities } from "./ssh-keys.ts";
import { unstartedActionActivities } from "./unstarted-actions.ts";

/** Activities that touch only our database and Temporal: on the workflows' own task queue. */
export function storeActivities(store: Store, catalog: Catalog, workflows: WorkflowControl) {
  return withClassifiedFailures({
    ...ipAddressActivities(store),
    ...capacityActivities(store, catalog),
    ...sshKeyActivities(store),
    ...actionEndActivities(store),
    ...runningActionActivities(store, workflows),
    ...unstartedActionActivities(store, workflows),
    ...idempotencyKeyActivities(store),
  });
}
export type StoreActivities = ReturnType<typeof storeActivities>;

/** Activities that touch a region's infrastructure: on the region's task queue. */
export function regionActivities(store: Store, catalog: Catalog, compute: RegionCompute) {
  return withClassifiedFailures({
    ...imageActivities(store, compute.driver, catalog),
    ...instanceActivities(store, compute),
  });
}
export type RegionActivities = ReturnType<typeof regionActivities>;
