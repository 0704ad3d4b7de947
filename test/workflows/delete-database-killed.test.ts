import { DATABASE } from "../support/subjects.ts";
import { describeKilledDeletes } from "../support/worker-killed.ts";

describeKilledDeletes(DATABASE);
