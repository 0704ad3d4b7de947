import { describeDeletesDuringCreates } from "../support/deleted-during-create.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { DATABASE, SERVER } from "../support/subjects.ts";

describeDeletesDuringCreates(SERVER);
unlessSampled(() => describeDeletesDuringCreates(DATABASE));
