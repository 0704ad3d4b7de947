import { expect } from "vitest";
import type { AuditClass } from "../../src/domain/audit-classes.ts";
import { addOperatorKey } from "./accounts.ts";
import { ApiClient } from "./api-client.ts";
import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

export interface AuditSeen {
  id: string;
  status: string;
  totals: { scope: string; owned: number; found: number; problem: string | null }[];
  differences: { class: AuditClass; region: string | null; subject: string; outcome: string; message: string | null }[];
}

/** Audits as an operator runs them, to their end. */
export interface Auditor {
  api: ApiClient;
  token: string;
  audit(request?: {
    repair?: boolean;
    delete_lost?: boolean;
    regions?: string[];
    classes?: AuditClass[];
    reason?: string;
  }): Promise<AuditSeen>;
}

const AUDIT_MS = 120_000;

/** `patienceMs`: how long an audit may take. */
export async function createAuditor(
  world: Pick<World, "config" | "api">,
  patienceMs: number = AUDIT_MS,
): Promise<Auditor> {
  return auditorWith(world.api.address, await addOperatorKey(world), patienceMs);
}

export function auditorWith(address: string, token: string, patienceMs: number = AUDIT_MS): Auditor {
  const api = new ApiClient(address, token);
  return {
    api,
    token,
    async audit(request = {}) {
      const begun = await api.call("POST", "/v1/operator/audits", { reason: "a test", ...request });
      expect(begun.status, JSON.stringify(begun.body)).toBe(202);
      const path = `/v1/operator/audits/${begun.body.data.id}`;
      let seen = (await api.get(path)).body.data as unknown as AuditSeen;
      await waitUntil(
        "the audit has ended",
        async () => {
          seen = (await api.get(path)).body.data as unknown as AuditSeen;
          return seen.status !== "running";
        },
        patienceMs,
      );
      return seen;
    },
  };
}
