import type { Action } from "../domain/action.ts";
import type { DatabaseRequest } from "../domain/database.ts";
import { type ActionRule, actOnResource } from "./act-on-resource.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Effect, RequestContext } from "./services.ts";

const RULES: Record<DatabaseRequest, ActionRule> = {
  restart: { type: "restart", in: "active", becomes: "active" },
  suspend: { type: "suspend", in: "active", becomes: "active" },
  resume: { type: "resume", in: "suspended", becomes: "suspended" },
  retry: { type: "create", in: "failed", becomes: "provisioning" },
  rotate_credentials: { type: "rotate_credentials", in: "active", becomes: "active" },
};

export async function actOnDatabase(
  dependencies: Dependencies,
  id: string,
  request: DatabaseRequest,
  context: RequestContext,
): Promise<Effect<Action>> {
  return actOnResource(dependencies, { kind: "database", id, request, rule: RULES[request] }, context);
}
