import { z } from "zod";
import { ACCOUNT_STATUSES, type Account, accountStatus } from "../../domain/account.ts";
import { QUOTAS, type Quota } from "../../domain/quotas.ts";
import type { AccountDetail, NewAccount, RegionState } from "../../services/services.ts";
import { count, shownId, timestamp } from "../schemas/shown.ts";
import { accountSchema, accountView } from "./account.ts";
import { rfc3339 } from "./timestamp.ts";

const statusShape = {
  status: z.enum(ACCOUNT_STATUSES).meta({ description: "`suspended`: every call with one of its keys is refused." }),
  suspended_at: timestamp.nullable(),
};

const listedShape = { id: shownId("account"), name: z.string(), ...statusShape, created_at: timestamp };

export const listedAccountSchema = z.object(listedShape).meta({ id: "ListedAccount" });

export const newAccountSchema = z
  .object({
    ...listedShape,
    api_key: z.string().nullable().meta({
      description:
        "The token of its first key, which has full access. Shown this once; null in the answer to a repetition.",
    }),
  })
  .meta({ id: "NewAccount" });

const ownLimit = z
  .number()
  .nullable()
  .meta({ published: { type: ["integer", "null"], minimum: 0 } });

export const accountDetailSchema = z
  .object({
    ...accountSchema.shape,
    ...statusShape,
    own_limits: z
      .object(Object.fromEntries(QUOTAS.map((quota) => [quota, ownLimit])) as Record<Quota, typeof ownLimit>)
      .meta({ description: "What an operator has set; null: the installation's limit is in force." }),
  })
  .meta({ id: "AccountDetail" });

const amount = z
  .object({
    limit: count.nullable().meta({ description: "null: without a limit." }),
    promised: count,
  })
  .meta({ id: "PromisedAmount" });

export const regionStateSchema = z
  .object({
    slug: z.string(),
    name: z.string(),
    vcpus: amount,
    memory_mib: amount,
    disk_gib: amount,
    addresses: z.object({
      offered: count.meta({ description: "As the configuration lists them." }),
      held: count.meta({ description: "Those of servers and databases, also ones that are not offered any more." }),
      free: count,
    }),
    workers: count.nullable().meta({
      description: "How many workers ask for work of this region; null: Temporal does not tell.",
    }),
    audit: z
      .object({
        id: shownId("audit"),
        ended_at: timestamp.nullable(),
        owned: count.meta({ description: "Servers and databases that should have an instance." }),
        found: count.meta({ description: "Instances that carry our tags." }),
        differences: count,
        problem: z.string().nullable().meta({ description: "Why it could not be compared: most likely it is away." }),
      })
      .nullable()
      .meta({ description: "What the latest audit saw of it; null: none has." }),
  })
  .meta({ id: "RegionState" });

export function listedAccountView(account: Account): z.output<typeof listedAccountSchema> {
  const { id, name, createdAt } = account;
  return { id, name, ...statusView(account), created_at: rfc3339(createdAt) };
}

export function newAccountView({ account, token }: NewAccount): z.output<typeof newAccountSchema> {
  return { ...listedAccountView(account), api_key: token };
}

export function accountDetailView(account: AccountDetail): z.output<typeof accountDetailSchema> {
  return { ...accountView(account), ...statusView(account), own_limits: account.ownLimits };
}

function statusView(account: Account) {
  return { status: accountStatus(account), suspended_at: account.suspendedAt && rfc3339(account.suspendedAt) };
}

export function regionStateView(region: RegionState): z.output<typeof regionStateSchema> {
  const { slug, name, limit, promised, addresses, workers, audit } = region;
  const of = (what: "vcpus" | "memoryMib" | "diskGib") => ({ limit: limit?.[what] ?? null, promised: promised[what] });
  return {
    ...{ slug, name, vcpus: of("vcpus"), memory_mib: of("memoryMib"), disk_gib: of("diskGib"), addresses, workers },
    audit: audit && {
      id: audit.id,
      ended_at: audit.endedAt && rfc3339(audit.endedAt),
      owned: audit.owned,
      found: audit.found,
      differences: Object.values(audit.differences).reduce((sum, number) => sum + number, 0),
      problem: audit.problem,
    },
  };
}
