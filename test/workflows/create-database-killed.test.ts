import { DATABASE } from "../support/subjects.ts";
import { describeKilledCreates } from "../support/worker-killed.ts";

describeKilledCreates(DATABASE);
