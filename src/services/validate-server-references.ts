import type { ErrorDetail } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { Dependencies } from "./dependencies.ts";
import type { CreateServerRequest } from "./services.ts";

type References = Partial<Pick<CreateServerRequest, "plan" | "region" | "image" | "sshKeyIds">>;

/** Checks what a request refers to against the catalogue and the account's keys; finds everything that is wrong at once. */
export async function validateServerReferences(
  { catalog, store }: Dependencies,
  request: References,
  principal: Principal,
): Promise<ErrorDetail[]> {
  const details: ErrorDetail[] = [];
  const plans = Object.values(catalog.plans).filter((plan) => plan.kinds.includes("server"));
  if (request.plan !== undefined && !plans.some((plan) => plan.slug === request.plan)) {
    details.push({ field: "plan", issue: `unknown plan; one of: ${plans.map((plan) => plan.slug).join(", ")}` });
  }

  const region = request.region === undefined ? undefined : ownValue(catalog.regions, request.region);
  if (request.region !== undefined && !region) {
    details.push({ field: "region", issue: `unknown region; one of: ${Object.keys(catalog.regions).join(", ")}` });
  }
  if (region) {
    const offered = Object.keys(region.images);
    const image = request.image ?? region.defaultImage;
    if (!offered.includes(image)) {
      const what = request.image == null ? `the default image ${image} is not offered` : "unknown image";
      details.push({ field: "image", issue: `${what} in ${region.slug}; one of: ${offered.join(", ")}` });
    }
  } else if (request.image != null && !ownValue(catalog.images, request.image)) {
    details.push({ field: "image", issue: `unknown image; one of: ${Object.keys(catalog.images).join(", ")}` });
  }

  const keyIds = request.sshKeyIds ?? [];
  const existing = await store.sshKeys.existing(keyIds, principal.accountId);
  for (const [index, id] of keyIds.entries()) {
    if (!existing.has(id)) details.push({ field: `ssh_keys[${index}]`, issue: `no SSH key has the id ${id}` });
  }
  return details;
}

function ownValue<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
