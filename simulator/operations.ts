import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  ApiError,
  type ApiRequest,
  type Operation,
  type OperationFault,
  type Reply,
  type Route,
  recursionOf,
  resourceUrl,
  sync,
} from "./wire.ts";

/** What a wait that did not see a success answers: `error` as Incus up to 6.0.5 does, `operation` as later ones do. */
type WaitStyle = "error" | "operation";

const keptAfterEndMs = 5_000;
const statusCodes = { Running: 103, Success: 200, Failure: 400 };

/** Operations live in memory only, here as in Incus: after a restart of the server they are not found. */
export class Operations {
  readonly #running = new Map<string, Operation>();
  readonly #waitStyle: WaitStyle;

  constructor(waitStyle: WaitStyle) {
    this.#waitStyle = waitStyle;
  }

  /** Starts `run` after the answer has been composed, so that the answer always shows a running operation. */
  start(request: ApiRequest, description: string, instance: string, run: () => Promise<void> | void): Reply {
    const fault = request.operationFault;
    const operation: Operation = {
      id: randomUUID(),
      project: request.project,
      description,
      instance,
      createdAt: new Date().toISOString(),
      status: "Running",
      error: null,
      ended: Promise.resolve(),
    };
    operation.ended = this.#follow(operation, fault, run);
    if (fault?.kind !== "lose") this.#running.set(operation.id, operation);
    return { kind: "async", operation };
  }

  async #follow(operation: Operation, fault: OperationFault | null, run: () => Promise<void> | void): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    try {
      if (fault?.kind === "fail") throw new ApiError(500, fault.message);
      await run();
      operation.status = "Success";
    } catch (error) {
      operation.status = "Failure";
      operation.error = error instanceof ApiError ? error : new ApiError(500, String(error));
    }
    setTimeout(() => this.#running.delete(operation.id), keptAfterEndMs).unref();
  }

  routes(): Route[] {
    return [
      { method: "GET", pattern: "/1.0/operations", handler: (request) => this.#list(request) },
      { method: "GET", pattern: "/1.0/operations/*", handler: (request) => sync(renderOperation(this.#find(request))) },
      { method: "DELETE", pattern: "/1.0/operations/*", handler: (request) => this.#cancel(request) },
      { method: "GET", pattern: "/1.0/operations/*/wait", handler: (request) => this.#wait(request) },
    ];
  }

  #list(request: ApiRequest): Reply {
    const everywhere = request.query.get("all-projects") === "true";
    const groups: Record<string, unknown[]> = {};
    for (const operation of this.#running.values()) {
      if (!everywhere && operation.project !== request.project) continue;
      const group = (groups[operation.status.toLowerCase()] ??= []);
      group.push(recursionOf(request) > 0 ? renderOperation(operation) : `/1.0/operations/${operation.id}`);
    }
    return sync(groups);
  }

  #find(request: ApiRequest): Operation {
    const operation = this.#running.get(request.params[0] ?? "");
    if (operation === undefined) throw new ApiError(404, "Operation not found");
    return operation;
  }

  #cancel(request: ApiRequest): Reply {
    const operation = this.#find(request);
    // Instance operations cannot be cancelled in Incus, and there are no others here.
    const why =
      operation.status === "Running" ? "This operation can't be cancelled" : "Only running operations can be cancelled";
    throw new ApiError(400, why);
  }

  #wait(request: ApiRequest): Reply {
    const operation = this.#find(request);
    const timeout = request.query.get("timeout") ?? "";
    if (timeout !== "" && !/^-?\d+$/.test(timeout)) {
      throw new ApiError(500, `strconv.Atoi: parsing ${JSON.stringify(timeout)}: invalid syntax`);
    }
    const timeoutMs = timeout === "" || timeout.startsWith("-") ? null : Number(timeout) * 1_000;
    return { kind: "late", body: this.#waitFor(operation, timeoutMs, request.signal) };
  }

  async #waitFor(operation: Operation, timeoutMs: number | null, signal: AbortSignal): Promise<unknown> {
    if (operation.status === "Running") {
      const giveUp = new AbortController();
      const reasons: Promise<unknown>[] = [operation.ended, aborted(AbortSignal.any([signal, giveUp.signal]))];
      if (timeoutMs !== null)
        reasons.push(delay(timeoutMs, undefined, { signal: giveUp.signal }).catch(() => undefined));
      await Promise.race(reasons);
      giveUp.abort();
    }
    if (this.#waitStyle === "error") {
      if (operation.error !== null) throw operation.error;
      if (operation.status === "Running") throw new ApiError(500, "context deadline exceeded");
    }
    return renderOperation(operation);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function renderOperation(operation: Operation): Record<string, unknown> {
  return {
    id: operation.id,
    class: "task",
    description: operation.description,
    created_at: operation.createdAt,
    updated_at: operation.createdAt,
    status: operation.status,
    status_code: statusCodes[operation.status],
    resources: { instances: [resourceUrl(`/1.0/instances/${operation.instance}`, operation.project)] },
    metadata: null,
    may_cancel: false,
    err: operation.error?.message ?? "",
    location: "none",
  };
}
