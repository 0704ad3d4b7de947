import { DATABASE } from "../support/subjects.ts";
import { describeUnwindingCreates } from "../support/unwind-create.ts";

describeUnwindingCreates(DATABASE);
