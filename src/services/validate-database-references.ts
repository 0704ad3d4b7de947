import type { DatabaseEngine } from "../domain/database.ts";
import type { ErrorDetail } from "../domain/domain-error.ts";
import { compareVersions, newestOffer } from "../domain/engine-versions.ts";
import type { RegionalEngineOffer } from "../store/engine-offers.ts";
import { planIssues, regionIssues } from "./catalog-references.ts";
import type { Dependencies } from "./dependencies.ts";
import type { CreateDatabaseRequest } from "./services.ts";

type References = Partial<Pick<CreateDatabaseRequest, "plan" | "region" | "engine" | "version">>;

/** Checks what a request refers to against the catalogue and what the region really has; finds everything that is wrong at once. */
export async function validateDatabaseReferences(
  { catalog, store }: Dependencies,
  request: References,
): Promise<ErrorDetail[]> {
  const details = [...planIssues(catalog, "database", request.plan), ...regionIssues(catalog, request.region)];
  const { region, engine, version = null } = request;
  if (region === undefined || !Object.hasOwn(catalog.regions, region) || engine === undefined) return details;

  const offers = await store.engineOffers.list(region);
  const ofEngine = offers.filter((offer) => offer.engine === engine);
  if (ofEngine.length === 0) {
    details.push({ field: "engine", issue: `${engine} is not offered in ${region}; ${shown(offers)}` });
  } else if (!newestOffer(ofEngine, engine, version)) {
    details.push({
      field: "version",
      issue: `${engine} ${version ?? ""} is not offered in ${region}; ${shown(ofEngine)}`,
    });
  }
  return details;
}

/** `there are mysql 9.7.0, postgresql 15.14, postgresql 17.6`. */
function shown(offers: RegionalEngineOffer[]): string {
  if (offers.length === 0) return "there is none at the moment";
  const byName = (engine: DatabaseEngine, other: DatabaseEngine) => engine.localeCompare(other);
  const sorted = [...offers].sort((a, b) => byName(a.engine, b.engine) || compareVersions(a.version, b.version));
  return `there are ${sorted.map(({ engine, version }) => `${engine} ${version}`).join(", ")}`;
}
