import type { AuditPart } from "../src/domain/audit.ts";
import type { OtherAuditClass } from "../src/domain/audit-classes.ts";
import type { AuditFactsRepository, WrongSum } from "../src/store/audit-facts.ts";
import type { Repositories, Store } from "../src/store/store.ts";
import { auditedRepair } from "./audit-log.ts";
import type { Finding } from "./audit-part.ts";

/** Accounts that are read at once. */
const ACCOUNTS_PAGE = 200;

type Page = ReturnType<AuditFactsRepository["wrongQuotaSums"]>;

/** A sum that is kept for every account: how a page of wrong ones is read, and how one is mended. */
interface Sum {
  class: OtherAuditClass;
  read: (facts: AuditFactsRepository, after: string) => Page;
  mend: (repositories: Repositories, accountId: string) => Promise<void>;
}

const SUMS: Sum[] = [
  {
    class: "quota_sum_differs",
    read: (facts, after) => facts.wrongQuotaSums(after, ACCOUNTS_PAGE),
    mend: ({ quotas }, accountId) => quotas.sumUp(accountId),
  },
  {
    class: "resource_count_differs",
    read: (facts, after) => facts.wrongCounts(after, ACCOUNTS_PAGE),
    mend: ({ resourceCounts }, accountId) => resourceCounts.correct(accountId),
  },
];

/** The accounts whose sums are not what they are the sums of. Each page is one statement, so nothing under way is taken for a difference. */
export async function findSums(store: Store, part: AuditPart): Promise<{ findings: Finding[]; compared: number }> {
  const findings: Finding[] = [];
  let compared = 0;
  for (const sum of SUMS.filter((one) => part.classes.includes(one.class))) {
    let after: string | null = "";
    while (after !== null) {
      const page: Awaited<Page> = await sum.read(store.auditFacts, after);
      compared += page.rows;
      findings.push(...page.found.map((wrong) => findingOf(store, sum, wrong)));
      after = page.last;
    }
  }
  return { findings, compared };
}

function findingOf(store: Store, { class: name, mend }: Sum, { accountId, detail }: WrongSum): Finding {
  return {
    class: name,
    region: null,
    subject: accountId,
    accountId,
    detail,
    holdMs: 0,
    refusal: null,
    show: null,
    note: null,
    repair: (by) =>
      store.transaction(async (repositories) => {
        await mend(repositories, accountId);
        const of = { accountId, resourceKind: "account", resourceId: accountId } as const;
        await auditedRepair(repositories, by, { ...of, class: name, detail });
      }),
  };
}
