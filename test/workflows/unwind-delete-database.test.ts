import { DATABASE } from "../support/subjects.ts";
import { describeUnwindingDeletes } from "../support/unwind-delete.ts";

describeUnwindingDeletes(DATABASE);
