import { describeRecording } from "../support/record-histories.ts";
import { recordedDetours } from "../support/recorded-detours.ts";

describeRecording(recordedDetours());
