import type { FaultRule, Faults } from "./faults.ts";
import { pass } from "./speed.ts";
import { ApiError, type ApiRequest, type Reply, type Route } from "./wire.ts";

/** An answer, or `cut`: the connection ends without one. */
export type Delivery = Reply | "cut";

/** Carries a request to its handler, with what a fault does on the way there or back. */
export async function deliver(
  route: Route,
  request: ApiRequest,
  fault: FaultRule | null,
  faults: Faults,
): Promise<Delivery> {
  switch (fault?.kind) {
    case undefined:
      return route.handler(request);
    case "error_before":
      throw new ApiError(fault.status, fault.message);
    case "timeout_before":
      await pass(fault.delayMs);
      return "cut";
    case "slow":
      await pass(fault.delayMs);
      return route.handler(request);
    case "hold_before":
      return (await faults.hold(fault, request.signal)) ? route.handler(request) : "cut";
    case "hold_after": {
      const reply = await handled(route, request, fault);
      return (await faults.hold(fault, request.signal)) ? reply : "cut";
    }
    case "lost_answer":
      await handled(route, request, fault);
      return "cut";
    case "duplicate_delivery":
      await handled(route, request, fault);
      return route.handler(request);
    case "not_found_on_delete":
      await handled(route, request, fault);
      throw new ApiError(404, "Instance not found");
    case "wrong_etag":
      throw new ApiError(
        412,
        `ETag doesn't match: ${"0".repeat(64)} vs ${request.headers["if-match"]?.replaceAll('"', "") ?? ""}`,
      );
    case "operation_fails":
    case "disk_full":
      return route.handler({ ...request, operationFault: { kind: "fail", message: fault.message } });
    case "operation_lost":
      return route.handler({ ...request, operationFault: { kind: "lose" } });
    case "agent_fails":
    case "agent_holds":
    case "engine_unreachable":
    case "engine_refuses":
      throw new Error(`BUG: ${fault.kind} is nothing that happens to a request`);
  }
}

/** The reply, an error included, once the effect is complete: with the end of the operation unless the rule says at once. */
async function handled(route: Route, request: ApiRequest, fault: FaultRule): Promise<Reply> {
  try {
    const reply = route.handler(request);
    if (reply.kind === "async" && fault.awaitOperation) await reply.operation.ended;
    if (reply.kind === "late") await reply.body.catch(() => undefined);
    return reply;
  } catch (error) {
    if (error instanceof ApiError) return { kind: "error", error };
    throw error;
  }
}
