import type { AuditPart } from "../src/domain/audit.ts";
import type { ResourceFacts } from "../src/domain/audit-facts.ts";
import type { Store } from "../src/store/store.ts";

/** The clocks of database and host may differ by so much. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/** Whether what was made at that time may have lost its row to a restore. */
export type LostCheck = (createdAt: Date | null) => boolean;

/** Nothing is lost where the operator says that it may go. */
export async function lostCheck(store: Store, { auditId }: AuditPart): Promise<LostCheck> {
  const [audit, restores] = await Promise.all([store.audits.find(auditId), store.restores.list()]);
  if (audit?.deleteLost) return () => false;
  return (createdAt) =>
    restores.some(
      ({ takenAt, restoredAt }) =>
        // Where nothing tells when it was made, it may have been then.
        createdAt === null ||
        (createdAt.getTime() >= takenAt.getTime() - CLOCKS_DIFFER_MS &&
          createdAt.getTime() <= restoredAt.getTime() + CLOCKS_DIFFER_MS),
    );
}

/** What an instance uses that lost its row is given to nobody else: its address, if nobody has it yet, and its share of the region. Both are orphaned once it is gone. */
export async function holdForLost(
  { store, region }: { store: Store; region: string | null },
  { id, instance, address, capacity }: ResourceFacts,
): Promise<void> {
  if (!instance?.isLost || region === null) return;
  const { ipv4, size } = instance;
  await store.transaction(async (repositories) => {
    if (ipv4 !== null && address === null) await repositories.ipAddresses.reclaim(id, region, ipv4);
    if (size !== null && capacity === null)
      await repositories.capacity.record({ resourceId: id, region, actionId: null }, size);
  });
}
