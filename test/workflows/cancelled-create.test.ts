import { describeCancelledCreates } from "../support/cancelled-create.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { DATABASE, SERVER } from "../support/subjects.ts";

describeCancelledCreates(SERVER);
unlessSampled(() => describeCancelledCreates(DATABASE));
