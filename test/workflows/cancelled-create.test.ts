import { describeCancelledCreates } from "../support/cancelled-create.ts";
import { DATABASE, SERVER } from "../support/subjects.ts";

describeCancelledCreates(SERVER);
describeCancelledCreates(DATABASE);
