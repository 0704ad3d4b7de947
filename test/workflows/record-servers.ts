import { describeRecording } from "../support/record-histories.ts";
import { recordedLives } from "../support/recorded-lives.ts";
import { SERVER } from "../support/subjects.ts";

describeRecording(recordedLives(SERVER));
