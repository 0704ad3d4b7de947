import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import type { QuotaLimits } from "../domain/quotas.ts";
import type { SshKey } from "../domain/ssh-key.ts";
import { parseSshPublicKey } from "../domain/ssh-public-key.ts";
import { isUniqueViolation, type Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { listStart, toPage } from "./pages.ts";
import { requireQuota } from "./quotas.ts";
import type { CreateSshKeyRequest, Effect, Page, PageRequest, RequestContext } from "./services.ts";

export async function createSshKey(
  { store, quotas }: Dependencies,
  request: CreateSshKeyRequest,
  context: RequestContext,
): Promise<Effect<SshKey>> {
  const id = newId("sshKey");
  return once(store, context, {
    resourceId: id,
    effect: (repositories) => insert(repositories, quotas, id, request, context.principal.accountId),
    replay: (sshKeyId) => getSshKey({ store }, sshKeyId, context.principal),
  });
}

async function insert(
  { sshKeys, quotas }: Repositories,
  limits: QuotaLimits,
  id: string,
  request: CreateSshKeyRequest,
  accountId: string,
): Promise<SshKey> {
  const { publicKey, fingerprint } = parseSshPublicKey(request.publicKey);
  const twin = await sshKeys.findByFingerprint(accountId, fingerprint);
  if (twin) {
    throw new DomainError("ssh_key_exists", {
      details: [{ field: "public_key", issue: `this account has it as ${twin.id} (${twin.name})` }],
    });
  }
  const nameTaken = new DomainError("name_taken", {
    details: [{ field: "name", issue: `another SSH key of this account is named ${request.name}` }],
  });
  if (await sshKeys.isNameTaken(accountId, request.name)) throw nameTaken;
  // Of two at the same time the second counts the first.
  await quotas.lock(accountId);
  await requireQuota({ quotas }, limits, accountId, { ssh_keys: 1 });
  try {
    return await sshKeys.insert({ id, accountId, name: request.name, publicKey, fingerprint });
  } catch (error) {
    // Another request took the name or the key since the look-ups.
    if (!isUniqueViolation(error)) throw error;
    throw JSON.stringify(error).includes("fingerprint") ? new DomainError("ssh_key_exists") : nameTaken;
  }
}

export async function listSshKeys(
  { store }: Pick<Dependencies, "store">,
  request: PageRequest,
  principal: Principal,
): Promise<Page<SshKey>> {
  return toPage(await store.sshKeys.list(principal.accountId, listStart(request), request.perPage), request);
}

export async function getSshKey(
  { store }: Pick<Dependencies, "store">,
  id: string,
  principal: Principal,
): Promise<SshKey> {
  const key = await store.sshKeys.find(id, principal.accountId);
  if (!key) throw new DomainError("not_found");
  return key;
}

/** Servers that were given the key keep it. */
export async function deleteSshKey(
  { store }: Dependencies,
  id: string,
  context: RequestContext,
): Promise<Effect<null>> {
  return once(store, context, {
    resourceId: id,
    effect: async ({ sshKeys }) => {
      if (!(await sshKeys.delete(id, context.principal.accountId))) throw new DomainError("not_found");
      return null;
    },
    replay: () => Promise.resolve(null),
  });
}
