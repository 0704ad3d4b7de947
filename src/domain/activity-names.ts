/** The activity of a step: `create_instance` is `createInstance`. */
export function activityOfStep(step: string): string {
  return step.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What an activity is called where steps are: its step, or the undo. */
export function stepOfActivity(activity: string): string {
  return activity.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A step or an undo as people read it: `wait_for_ssh` is `wait for SSH`. */
export function stepInWords(step: string): string {
  return step.replaceAll("_", " ").replace(/\b(ssh|ip)\b/g, (word) => word.toUpperCase());
}
