import { SERVER } from "../support/subjects.ts";
import { describeUnwindingCreates } from "../support/unwind-create.ts";

describeUnwindingCreates(SERVER);
