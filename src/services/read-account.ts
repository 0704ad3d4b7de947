import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { Dependencies } from "./dependencies.ts";
import type { AccountView } from "./services.ts";

export async function getAccount({ store, quotas }: Dependencies, { accountId }: Principal): Promise<AccountView> {
  const [account, usage] = await Promise.all([store.accounts.find(accountId), store.quotas.usage(accountId, quotas)]);
  if (!account) throw new DomainError("not_found");
  return { ...account, quotas: usage };
}
