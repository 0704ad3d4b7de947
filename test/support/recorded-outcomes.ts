import { recordedDatabaseActions, recordedServerActions } from "./recorded-actions.ts";
import { recordedDetours } from "./recorded-detours.ts";
import { recordedLives } from "./recorded-lives.ts";
import { recordedUpkeep } from "./recorded-upkeep.ts";
import type { Stage } from "./recording-stage.ts";
import { DATABASE, SERVER } from "./subjects.ts";

/** An outcome whose history is kept: the name of its file, and how it is made. `make` returns the id of the workflow that had it. */
export type Outcome = [name: string, make: (stage: Stage) => Promise<string>];

/** Every workflow: succeeded, failed in each of its steps, cancelled, retried, held, lost and started again, and with an undo that failed. */
export const OUTCOMES: Outcome[] = [
  ...recordedLives(SERVER),
  ...recordedLives(DATABASE),
  ...recordedDetours(),
  ...recordedServerActions(),
  ...recordedDatabaseActions(),
  ...recordedUpkeep(),
];
