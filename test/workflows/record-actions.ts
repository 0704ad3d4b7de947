import { describeRecording } from "../support/record-histories.ts";
import { recordedDatabaseActions, recordedServerActions } from "../support/recorded-actions.ts";
import { recordedUpkeep } from "../support/recorded-upkeep.ts";

describeRecording([...recordedServerActions(), ...recordedDatabaseActions(), ...recordedUpkeep()]);
