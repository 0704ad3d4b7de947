import { waitingStore } from "./activity-options.ts";

/** Started when an operator releases a hold (`open-gates/hld_…`): what waits for it goes on. The sweep does the same. Repeating it is harmless. */
export async function openGates(): Promise<number> {
  return waitingStore.openGates();
}
