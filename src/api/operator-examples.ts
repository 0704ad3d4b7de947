import type { z } from "zod";
import { ACCOUNT, API_KEY, CREATE_SERVER_ACTION } from "./examples.ts";
import type { holdSchema } from "./views/hold.ts";
import type { operatorActionDetailSchema, operatorActionSchema } from "./views/operator-action.ts";
import type { retryDetailSchema, retryPreviewSchema, retrySchema } from "./views/retry.ts";

/** What the reference shows as answers to the calls of operators. */

const CREATED_AT = "2025-05-22T11:10:00Z";
const FAILED_ACTION = "act_x2c7nq5wzk4hmj6ytb3rdvea";
const HOLD_ID = "hld_w7kq3z5nh2cxmj4ytb6rdvea";

export const OPERATOR_ACTION: z.output<typeof operatorActionSchema> = {
  ...CREATE_SERVER_ACTION,
  account_id: ACCOUNT.id,
  region: "us-east-1",
  step: "start_instance",
  attempt: 1,
  workflow_id: `create-server/${CREATE_SERVER_ACTION.resource.id}/1`,
  request_id: "req_m2b3kv4l4cc2g3rxrsa2v72t",
  leftovers: [],
  waits_for: {
    hold_id: HOLD_ID,
    step: "start_instance",
    reason: "the hosts of us-east-1 are being updated",
    since: CREATED_AT,
  },
  started_at: CREATE_SERVER_ACTION.created_at,
  cancel_requested_at: null,
};

export const OPERATOR_ACTION_DETAIL: z.output<typeof operatorActionDetailSchema> = {
  ...OPERATOR_ACTION,
  account_name: ACCOUNT.name,
  pending: [
    {
      activity: "start_instance",
      attempt: 3,
      next_attempt_at: "2025-05-22T11:10:08Z",
      progress: null,
      last_failure: { code: "infrastructure_unavailable", message: "connect ECONNREFUSED 10.0.0.7:8443" },
    },
  ],
  resource_state: { name: "web-01", status: "provisioning", ipv4: "203.0.113.10" },
  parameters: null,
};

export const RETRY: z.output<typeof retrySchema> = {
  id: "rty_m4zq7xw2kn5hcj3ytb6rdvea",
  status: "running",
  filter: { error_code: "boot_timeout", region: "us-east-1", created_after: "2025-05-22T09:10:00Z" },
  per_minute: 30,
  reason: "the network of us-east-1 is back",
  requested_by: API_KEY.id,
  matched: 2,
  started: 1,
  skipped: 0,
  created_at: CREATED_AT,
  ended_at: null,
};

const SERVER_OF = { type: "server" as const, id: CREATE_SERVER_ACTION.resource.id };

export const RETRY_DETAIL: z.output<typeof retryDetailSchema> = {
  ...RETRY,
  items: [
    {
      action_id: FAILED_ACTION,
      resource: SERVER_OF,
      outcome: "started",
      started_action_id: CREATE_SERVER_ACTION.id,
      skipped: null,
    },
    {
      action_id: "act_n3vw6zq2kx5hcj7ytb4rdvea",
      resource: { type: "server", id: "srv_k5hq3z7nw2cxmj4ytb6rdvea" },
      outcome: "waiting",
      started_action_id: null,
      skipped: null,
    },
  ],
};

export const RETRY_PREVIEW: z.output<typeof retryPreviewSchema> = {
  dry_run: true,
  matched: 1,
  items: [{ action_id: FAILED_ACTION, resource: SERVER_OF }],
};

export const HOLD: z.output<typeof holdSchema> = {
  id: HOLD_ID,
  status: "in_force",
  region: "eu-west-2",
  host: null,
  step: "rebuild_instance",
  resource_type: null,
  reason: "the new images of eu-west-2 do not boot",
  requested_by: API_KEY.id,
  waiting: 3,
  created_at: CREATED_AT,
  released_at: null,
};
