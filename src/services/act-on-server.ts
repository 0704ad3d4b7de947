import type { Action } from "../domain/action.ts";
import type { ServerRequest } from "../domain/server.ts";
import { type ActionRule, actOnResource } from "./act-on-resource.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Effect, RequestContext } from "./services.ts";

/** Being on or off is no status of its own: `start` of a server that is on, and `stop` of one that is off, do nothing and succeed. */
const RULES: Record<ServerRequest, ActionRule> = {
  start: { type: "start", in: "active", becomes: "active" },
  stop: { type: "stop", in: "active", becomes: "active" },
  reboot: { type: "reboot", in: "active", becomes: "active" },
  suspend: { type: "suspend", in: "active", becomes: "active" },
  resume: { type: "resume", in: "suspended", becomes: "suspended" },
  retry: { type: "create", in: "failed", becomes: "provisioning" },
};

export async function actOnServer(
  dependencies: Dependencies,
  id: string,
  request: ServerRequest,
  context: RequestContext,
): Promise<Effect<Action>> {
  return actOnResource(dependencies, { kind: "server", id, request, rule: RULES[request] }, context);
}
