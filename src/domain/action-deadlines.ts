import type { ActionType } from "./workflow-contracts.ts";

/** How long an action may take, and how long each undo of one may; in seconds. */
export type DeadlineSeconds = Record<ActionType | "undo", number>;

/**
 * Several times what the slowest of them takes in a region that is well: at the deadline the action is undone and fails. A delete has longer, since going on is all it can do; what it
 * has not done by then is named, and done by the next one.
 */
export const DEFAULT_DEADLINE_SECONDS: DeadlineSeconds = {
  create: 30 * 60,
  delete: 60 * 60,
  start: 15 * 60,
  stop: 15 * 60,
  reboot: 15 * 60,
  suspend: 15 * 60,
  resume: 15 * 60,
  resize: 15 * 60,
  rebuild: 30 * 60,
  restart: 15 * 60,
  rotate_credentials: 15 * 60,
  update_trusted_sources: 15 * 60,
  undo: 10 * 60,
};

/** What the workflow of an action gets to know of it when it is started, in its memo. */
export interface TimeLimits {
  actionSeconds: number;
  undoSeconds: number;
}

/** The field of the memo. A workflow without it was started by a build that knew no deadlines. */
export const TIME_LIMITS_MEMO = "timeLimits";

export function timeLimitsOf(type: ActionType, deadlineSeconds: DeadlineSeconds): TimeLimits {
  return { actionSeconds: deadlineSeconds[type], undoSeconds: deadlineSeconds.undo };
}
