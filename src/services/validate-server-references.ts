import type { ErrorDetail } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import { planIssues, regionIssues } from "./catalog-references.ts";
import type { Dependencies } from "./dependencies.ts";
import type { CreateServerRequest } from "./services.ts";

type References = Partial<Pick<CreateServerRequest, "plan" | "region" | "image" | "sshKeyIds">>;

/** Checks what a request refers to against the catalogue and the account's keys; finds everything that is wrong at once. */
export async function validateServerReferences(
  { catalog, store }: Dependencies,
  request: References,
  principal: Principal,
): Promise<ErrorDetail[]> {
  const details = [...planIssues(catalog, "server", request.plan), ...regionIssues(catalog, request.region)];

  const region = request.region === undefined ? undefined : ownValue(catalog.regions, request.region);
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
