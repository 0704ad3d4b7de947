import { SERVER } from "../support/subjects.ts";
import { describeUnwindingDeletes } from "../support/unwind-delete.ts";

describeUnwindingDeletes(SERVER);
