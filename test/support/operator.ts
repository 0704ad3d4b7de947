import { expect } from "vitest";
import { addOperatorKey } from "./accounts.ts";
import { ApiClient } from "./api-client.ts";
import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

/** An action as operators see it, as far as tests look at it. */
export interface SeenAction {
  id: string;
  status: string;
  step: string | null;
  account_id: string;
  workflow_id: string;
  steps: { name: string; status: string; attempt: number; message: string | null }[];
  waits_for: { hold_id: string; step: string; reason: string } | null;
}

export interface SeenRetry {
  id: string;
  status: string;
  matched: number;
  started: number;
  skipped: number;
  items: {
    action_id: string;
    resource: { type: string; id: string };
    outcome: string;
    started_action_id: string | null;
    skipped: { code: string } | null;
  }[];
}

/** What operators do, with a key of theirs. */
export interface Operator {
  api: ApiClient;
  token: string;
  hold(part: object, reason?: string): Promise<string>;
  release(holdId: string): Promise<void>;
  action(id: string): Promise<SeenAction>;
  /** Returns when the action waits for this hold. */
  waitsFor(holdId: string, actionId: string): Promise<SeenAction>;
  retry(request: object): Promise<string>;
  /** Returns when all of it was dealt with. */
  retryEnd(retryId: string): Promise<SeenRetry>;
  /** What is in the audit log about this, oldest first. */
  audited(resourceId: string): Promise<AuditedRow[]>;
}

export interface AuditedRow {
  event: string;
  account_id: string;
  reason: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  api_key_id: string | null;
}

export async function createOperator(world: Pick<World, "config" | "api">, name?: string): Promise<Operator> {
  const token = await addOperatorKey(world, name);
  const api = new ApiClient(world.api.address, token);
  const action = async (id: string) => (await api.get(`/v1/operator/actions/${id}`)).body.data as unknown as SeenAction;
  const accepted = async (status: number, path: string, body: object) => {
    const answer = await api.call("POST", path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    return answer.body.data.id;
  };
  return {
    api,
    token,
    action,
    hold: (part, reason = "a test") => accepted(201, "/v1/operator/holds", { ...part, reason }),
    async release(holdId) {
      expect((await api.call("DELETE", `/v1/operator/holds/${holdId}?reason=over`)).status).toBe(200);
    },
    async waitsFor(holdId, actionId) {
      let seen = await action(actionId);
      await waitUntil(`${actionId} waits for ${holdId}`, async () => {
        seen = await action(actionId);
        return seen.waits_for?.hold_id === holdId;
      });
      return seen;
    },
    retry: (request) => accepted(202, "/v1/operator/retries", { reason: "a test", ...request }),
    async retryEnd(retryId) {
      let seen: SeenRetry | undefined;
      await waitUntil(`${retryId} has ended`, async () => {
        seen = (await api.get(`/v1/operator/retries/${retryId}`)).body.data as unknown as SeenRetry;
        return seen.status !== "running";
      });
      if (!seen) throw new Error("unreachable");
      return seen;
    },
    async audited(resourceId) {
      const rows = (await api.list("/v1/operator/audit-log?per_page=100")) as unknown as (AuditedRow & {
        resource: { id: string };
      })[];
      return rows.filter(({ resource }) => resource.id === resourceId).reverse();
    },
  };
}
