import { describeRecording } from "../support/record-histories.ts";
import { recordedLives } from "../support/recorded-lives.ts";
import { DATABASE } from "../support/subjects.ts";

describeRecording(recordedLives(DATABASE));
