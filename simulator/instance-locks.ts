import { ApiError } from "./wire.ts";

type InstanceAction = "create" | "start" | "stop" | "restart" | "delete";

interface Lock {
  action: InstanceAction;
  done: Promise<void>;
}

/**
 * One thing at a time per instance, with Incus's rules: a second request of the same kind waits for the first and shares its outcome, one of
 * another kind is refused as busy.
 */
export class InstanceLocks {
  readonly #locks = new Map<string, Lock>();

  holder(key: string): InstanceAction | null {
    return this.#locks.get(key)?.action ?? null;
  }

  /** Takes the lock or fails at once; call what is returned to give it back. */
  acquire(key: string, action: InstanceAction, context = ""): () => void {
    const held = this.#locks.get(key);
    if (held !== undefined) throw new ApiError(500, `${context}Instance is busy running a "${held.action}" operation`);
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#locks.set(key, { action, done });
    return () => {
      this.#locks.delete(key);
      finish();
    };
  }

  async runOnce(key: string, action: InstanceAction, run: () => Promise<void>): Promise<void> {
    const held = this.#locks.get(key);
    if (held?.action === action) {
      await held.done;
      return;
    }
    const release = this.acquire(key, action);
    const done = run().finally(release);
    // Waiters get the outcome of the work itself, its failure included; without waiters that failure is reported here only.
    this.#locks.set(key, { action, done });
    await done;
  }

  /** A delete that finds another delete under way waits for it and then fails, as in Incus. */
  async acquireForDelete(key: string): Promise<() => void> {
    const context = "Failed to create instance delete operation: ";
    const held = this.#locks.get(key);
    if (held?.action === "delete") {
      await held.done;
      throw new ApiError(500, `${context}A matching non-reusable operation has now succeeded`);
    }
    return this.acquire(key, "delete", context);
  }
}
