import type { Action, ActionParameters } from "../domain/action.ts";
import type { Catalog } from "../domain/catalog.ts";
import { DomainError, type ErrorDetail } from "../domain/domain-error.ts";
import type { ServerRequest } from "../domain/server.ts";
import type { ResourceState } from "../store/resources.ts";
import type { ServerBuild } from "../store/servers.ts";
import { type ActionRule, actOnResource } from "./act-on-resource.ts";
import { planIssues } from "./catalog-references.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Effect, RequestContext, ServerActionRequest } from "./services.ts";

/** Being on or off is no status of its own: `start` of a server that is on, and `stop` of one that is off, do nothing and succeed. */
const RULES: Record<ServerRequest, ActionRule> = {
  start: { type: "start", in: "active", becomes: "active" },
  stop: { type: "stop", in: "active", becomes: "active" },
  reboot: { type: "reboot", in: "active", becomes: "active" },
  suspend: { type: "suspend", in: "active", becomes: "active" },
  resume: { type: "resume", in: "suspended", becomes: "suspended" },
  retry: { type: "create", in: "failed", becomes: "provisioning" },
  resize: { type: "resize", in: "active", becomes: "active" },
  rebuild: { type: "rebuild", in: "active", becomes: "active" },
};

export async function actOnServer(
  dependencies: Dependencies,
  id: string,
  request: ServerActionRequest,
  context: RequestContext,
): Promise<Effect<Action>> {
  const { catalog } = dependencies;
  return actOnResource(
    dependencies,
    {
      ...{ kind: "server", id, request: request.type, rule: RULES[request.type] },
      async decide({ servers }, server) {
        const build = await servers.build(id);
        if (!build) throw new DomainError("not_found");
        return decide(catalog, request, { ...server, ...build });
      },
    },
    context,
  );
}

type PresentServer = ResourceState & ServerBuild;

/** What the action takes besides its type. */
function decide(
  catalog: Catalog,
  { type, plan, image }: ServerActionRequest,
  server: PresentServer,
): ActionParameters | undefined {
  if (type === "resize") return { resize: resizeTo(catalog, plan, server) };
  if (type === "rebuild") return { rebuild: rebuildFrom(catalog, image ?? server.image, server) };
  return undefined;
}

function resizeTo(
  catalog: Catalog,
  slug: string | null,
  { plan: from, size }: PresentServer,
): Required<ActionParameters>["resize"] {
  if (slug === null) throw wrong({ field: "plan", issue: "is required for a resize" });
  const issues = planIssues(catalog, "server", slug);
  const plan = catalog.plans[slug];
  if (issues.length > 0 || !plan) throw wrong(...issues);
  const { vcpus, memoryMib, diskGib } = plan;
  if (diskGib < size.diskGib) {
    const issue = `has a disk of ${diskGib} GiB, and the server one of ${size.diskGib} GiB: a disk can only grow`;
    throw wrong({ field: "plan", issue });
  }
  return { from: { plan: from, size }, to: { plan: slug, size: { vcpus, memoryMib, diskGib } } };
}

function rebuildFrom(
  catalog: Catalog,
  to: string,
  { image: from, region }: PresentServer,
): Required<ActionParameters>["rebuild"] {
  const offered = Object.keys(catalog.regions[region]?.images ?? {});
  if (!offered.includes(to)) {
    throw wrong({ field: "image", issue: `unknown image in ${region}; one of: ${offered.join(", ")}` });
  }
  return { from, to };
}

function wrong(...details: ErrorDetail[]): DomainError {
  return new DomainError("validation_failed", { details });
}
