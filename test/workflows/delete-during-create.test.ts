import { describeDeletesDuringCreates } from "../support/deleted-during-create.ts";
import { DATABASE, SERVER } from "../support/subjects.ts";

describeDeletesDuringCreates(SERVER);
describeDeletesDuringCreates(DATABASE);
