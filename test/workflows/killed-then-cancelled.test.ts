import { describeKilledThenCancelled } from "../support/killed-then-cancelled.ts";
import { DATABASE, SERVER } from "../support/subjects.ts";

describeKilledThenCancelled(SERVER);
describeKilledThenCancelled(DATABASE);
