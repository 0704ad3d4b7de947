import { DEFAULT_DEADLINE_SECONDS, type DeadlineSeconds } from "../../src/domain/action-deadlines.ts";
import type { World } from "./world.ts";

/** What is accepted from now on has no more time than that: a second, which a test can wait for. */
export function shortenDeadlines(world: World, ...types: (keyof DeadlineSeconds)[]): void {
  for (const type of types) world.config.deadlineSeconds[type] = 1;
}

export function restoreDeadlines(world: World): void {
  Object.assign(world.config.deadlineSeconds, DEFAULT_DEADLINE_SECONDS);
}

/** What an action that failed has left behind, or not done. */
export async function leftoversOf(world: World, actionId: string): Promise<string[]> {
  const [row] = await world.sql<{ error: { leftovers: string[] } }>("SELECT error FROM actions WHERE id = $1", [
    actionId,
  ]);
  return row!.error.leftovers;
}
