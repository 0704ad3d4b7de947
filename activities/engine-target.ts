import { ENGINE_ENDPOINTS } from "../src/domain/database.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import { boundTo } from "../src/domain/sealed-rows.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { EngineTarget } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";
import { ownedDatabase } from "./owned-resource.ts";
import type { RegionCompute } from "./region-compute.ts";

/** Where and as whom to ask an engine, with the login that is shown or, in a rotation, the one to come. */
export async function engineTarget(
  store: Store,
  compute: RegionCompute,
  input: ActionInput,
  login: "current" | "next",
): Promise<EngineTarget> {
  const [database, credentials, certificate] = await Promise.all([
    ownedDatabase(store, input),
    store.credentials.find(input.resourceId),
    store.certificates.find(input.resourceId),
  ]);
  const user = login === "current" ? credentials?.username : credentials?.nextUsername;
  const box = login === "current" ? credentials?.passwordBox : credentials?.nextPasswordBox;
  if (user == null || box == null || !certificate) throw new DomainError("resource_deleted");
  return {
    engine: database.engine,
    host: database.ipv4,
    ...ENGINE_ENDPOINTS[database.engine],
    user,
    password: compute.openSecret(box, boundTo.password(input.resourceId)),
    ca: certificate.authorityCertificate,
  };
}
