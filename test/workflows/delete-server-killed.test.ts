import { SERVER } from "../support/subjects.ts";
import { describeKilledDeletes } from "../support/worker-killed.ts";

describeKilledDeletes(SERVER);
