import { IncusError, type IncusFault } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { apiPath, type Transport } from "./transport.ts";
import { OPERATION_STATUS, type WireOperation } from "./wire.ts";

/** A dead connection is noticed after a slice and this much more. */
const WAIT_SLICE_S = 2;
const WAIT_SPARE_MS = 8_000;

/** `forgotten`: Incus knows the operation no longer, so that the state of its object has to tell. */
export type OperationEnd = "succeeded" | "forgotten";

export type Operations = ReturnType<typeof createOperations>;

export function createOperations(transport: Transport) {
  return {
    /** Follows an operation to its end, in slices. A failed one throws its classified error. */
    async waitFor(id: string, pulse: Pulse): Promise<OperationEnd> {
      pulse.follow(id);
      for (;;) {
        const state = await waitSlice(id, pulse.signal);
        if (state === "forgotten") return "forgotten";
        if (state.status_code === OPERATION_STATUS.success) return "succeeded";
        if (state.status_code >= OPERATION_STATUS.failure) throw operationError(id, state.err, state.errStatus);
      }
    },

    /** The operation that works on an instance now; null if none does. */
    async runningOn(instance: string, signal: AbortSignal): Promise<string | null> {
      const groups = await transport.read<Record<string, WireOperation[]> | null>(apiPath("operations"), {
        query: { recursion: "1" },
        signal,
      });
      const operations = [...(groups?.["pending"] ?? []), ...(groups?.["running"] ?? [])];
      return operations.find((operation) => concerns(operation, instance))?.id ?? null;
    },
  };

  /**
   * One slice of the wait. Incus up to 6.0.5 answers a slice that ran out, and an operation that failed, with the same kind of error; later ones with
   * the operation. On an error the operation itself tells the two apart.
   */
  async function waitSlice(id: string, signal: AbortSignal): Promise<EndState | "forgotten"> {
    try {
      return await transport.read<WireOperation>(apiPath("operations", id, "wait"), {
        query: { timeout: String(WAIT_SLICE_S) },
        timeoutMs: WAIT_SLICE_S * 1_000 + WAIT_SPARE_MS,
        signal,
      });
    } catch (error) {
      if (!(error instanceof IncusError) || error.status === null) throw error;
      const now = await read(id, signal);
      if (now !== "forgotten") return { ...now, errStatus: error.status };
      // Gone between the two requests. A 404 may be the operation's own end ("Image not found") as well as the news that it is unknown.
      if (/operation not found/i.test(error.text) || error.row === "daemon_away") return "forgotten";
      return { status_code: OPERATION_STATUS.failure, err: error.text, errStatus: error.status };
    }
  }

  async function read(id: string, signal: AbortSignal): Promise<WireOperation | "forgotten"> {
    try {
      return await transport.read<WireOperation>(apiPath("operations", id), { signal });
    } catch (error) {
      if (error instanceof IncusError && error.status === 404) return "forgotten";
      throw error;
    }
  }
}

interface EndState {
  status_code: number;
  err?: string;
  errStatus?: number;
}

function operationError(id: string, err: string | undefined, status: number | undefined): IncusError {
  const fault: IncusFault = { source: "operation", status: status ?? null, text: err || "the operation was cancelled" };
  return new IncusError(`operation ${id}`, fault);
}

function concerns(operation: WireOperation, instance: string): boolean {
  const urls = operation.resources?.["instances"] ?? [];
  return urls.some((url) => url.split("?")[0] === apiPath("instances", instance));
}
