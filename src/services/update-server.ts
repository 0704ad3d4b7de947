import type { Server } from "../domain/server.ts";
import type { Dependencies } from "./dependencies.ts";
import { describeResource } from "./describe-resource.ts";
import { once } from "./idempotency.ts";
import { getServer } from "./read-servers.ts";
import type { DescribeRequest, Effect, RequestContext } from "./services.ts";

/** Nothing of it concerns the guest at once, so it takes no action: the next disk that is made has the new name. */
export async function updateServer(
  dependencies: Dependencies,
  id: string,
  request: DescribeRequest,
  context: RequestContext,
): Promise<Effect<Server>> {
  const { replayed } = await once(dependencies.store, context, {
    resourceId: id,
    effect: (repositories) => describeResource(repositories, "server", id, request, context),
    replay: () => Promise.resolve(),
  });
  return { value: await getServer(dependencies, id, context.principal), replayed };
}
