import type { ActionStep } from "../domain/action.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Changes of an action's steps by their names; they are to be merged. */
export type WriteSteps = (actionId: string, changes: Record<string, Partial<ActionStep>>) => Promise<void>;

/**
 * The notes on what the steps of actions are doing, on their way to the action rows. Notes that come shortly after each other are written as one, and no step
 * waits for them. What is lost with its process is told by the end of the action (ActionRepository.end).
 */
export class StepNotes {
  private readonly write: WriteSteps;
  private readonly logger: Logger;
  private readonly gathered = new Map<string, Gathered>();
  /** The last write of each action that has one under way. */
  private readonly writing = new Map<string, Promise<void>>();

  constructor(write: WriteSteps, logger: Logger) {
    this.write = write;
    this.logger = logger;
  }

  /** The change is written within this time, together with what else there is of the action by then. */
  add(actionId: string, step: string, change: Partial<ActionStep>, withinMs: number): void {
    const gathered = this.gathered.get(actionId) ?? { changes: {}, dueMs: Number.POSITIVE_INFINITY, timer: undefined };
    this.gathered.set(actionId, gathered);
    gathered.changes[step] = { ...gathered.changes[step], ...change };
    const dueMs = performance.now() + withinMs;
    if (dueMs >= gathered.dueMs) return;
    gathered.dueMs = dueMs;
    clearTimeout(gathered.timer);
    gathered.timer = setTimeout(() => void this.flush(actionId), withinMs);
  }

  /** Writes what there is of the action now; resolves when nothing of it is under way any more. */
  flush(actionId: string): Promise<void> {
    const gathered = this.take(actionId);
    const before = this.writing.get(actionId) ?? Promise.resolve();
    if (!gathered) return before;
    const written = before
      .then(() => this.write(actionId, gathered.changes))
      .catch((err: unknown) =>
        this.logger.warn({ action_id: actionId, err }, "the progress of an action could not be written"),
      )
      .finally(() => {
        if (this.writing.get(actionId) === written) this.writing.delete(actionId);
      });
    this.writing.set(actionId, written);
    return written;
  }

  /** Forgets what was not written yet: the action has ended. */
  drop(actionId: string): void {
    this.take(actionId);
  }

  async flushAll(): Promise<void> {
    const actions = new Set([...this.gathered.keys(), ...this.writing.keys()]);
    await Promise.all([...actions].map((actionId) => this.flush(actionId)));
  }

  private take(actionId: string): Gathered | undefined {
    const gathered = this.gathered.get(actionId);
    clearTimeout(gathered?.timer);
    this.gathered.delete(actionId);
    return gathered;
  }
}

interface Gathered {
  changes: Record<string, Partial<ActionStep>>;
  dueMs: number;
  timer: NodeJS.Timeout | undefined;
}
