import type { Catalog } from "../domain/catalog.ts";
import type { ErrorDetail } from "../domain/domain-error.ts";
import type { ResourceKind } from "../domain/resource.ts";

/** What is wrong with the names that every create takes; nothing about one that was not given. */

export function planIssues(catalog: Catalog, kind: ResourceKind, name: string | undefined): ErrorDetail[] {
  const plans = Object.values(catalog.plans).filter((plan) => plan.kinds.includes(kind));
  if (name === undefined || plans.some((plan) => plan.slug === name)) return [];
  return [{ field: "plan", issue: `unknown plan; one of: ${plans.map((plan) => plan.slug).join(", ")}` }];
}

export function regionIssues(catalog: Catalog, name: string | undefined, field = "region"): ErrorDetail[] {
  if (name === undefined || Object.hasOwn(catalog.regions, name)) return [];
  return [{ field, issue: `unknown region; one of: ${Object.keys(catalog.regions).join(", ")}` }];
}

export function hostIssues(catalog: Catalog, name: string | undefined): ErrorDetail[] {
  const hosts = new Set(Object.values(catalog.regions).map(({ host }) => host));
  if (name === undefined || hosts.has(name)) return [];
  return [{ field: "host", issue: `unknown host; one of: ${[...hosts].join(", ")}` }];
}
