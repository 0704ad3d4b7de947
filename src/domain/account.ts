/** Whom resources and API keys belong to. */
export interface Account {
  id: string;
  /** Unique in the installation. */
  name: string;
  createdAt: Date;
  /** Since when an operator has its keys refused; null: it is active. */
  suspendedAt: Date | null;
}

export const ACCOUNT_STATUSES = ["active", "suspended"] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

export function accountStatus({ suspendedAt }: Pick<Account, "suspendedAt">): AccountStatus {
  return suspendedAt === null ? "active" : "suspended";
}
