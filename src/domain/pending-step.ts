/** What Temporal is about to do for an action, or does: a step or an undo that has not ended. */
export interface PendingStep {
  activity: string;
  attempt: number;
  /** Null: one is under way. */
  nextAttemptAt: Date | null;
  /** How far the one that is under way has come, in its own words; null: it has not said. */
  progress: string | null;
  /** Of the last attempt, in our words: what operators read; null: none has failed. */
  lastFailure: { code: string; message: string } | null;
}
