import { FIRST_USERNAME } from "../src/domain/database.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import { boundTo } from "../src/domain/sealed-rows.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { newPassword, type Secrets } from "./secrets.ts";
import { whileRunning } from "./while-running.ts";

/** Passwords are made here, and leave only sealed, into their row. */
export function databaseCredentialActivities(store: Store, secrets: Secrets) {
  const newPasswordBox = (databaseId: string) => secrets.seal(newPassword(), boundTo.password(databaseId));

  return {
    async generateCredentials(input: ActionInput): Promise<void> {
      const login = { username: FIRST_USERNAME, passwordBox: newPasswordBox(input.resourceId) };
      await store.credentials.insertIfMissing(input.resourceId, login, input.actionId);
    },

    async forgetCredentials(input: ActionInput): Promise<void> {
      if (await store.actions.isCreateOfUsed(input.actionId)) return;
      await whileRunning(store, input, ({ credentials }) => credentials.delete(input.resourceId));
    },

    /** The first step of a rotation. A repetition replaces what nobody was told yet. */
    async generatePassword(input: ActionInput): Promise<void> {
      await store.transaction(async ({ databases, actions, credentials }) => {
        const database = await databases.lock(input.resourceId);
        if (database?.actionId !== input.actionId) throw new DomainError("resource_deleted");
        await actions.markStarted(input.actionId);
        // A late attempt, which nobody would take back.
        if (!(await actions.lockRunning(input))) return;
        await credentials.setNextPassword(input.resourceId, newPasswordBox(input.resourceId));
      });
    },

    async discardPassword(input: ActionInput): Promise<void> {
      await whileRunning(store, input, ({ credentials }) => credentials.setNextPassword(input.resourceId, null));
    },

    /** From here on the new login is the one that is shown. */
    async storePassword(input: ActionInput): Promise<void> {
      await store.credentials.promoteNext(input.resourceId);
    },

    async restorePassword(input: ActionInput): Promise<void> {
      await whileRunning(store, input, ({ credentials }) => credentials.restorePrevious(input.resourceId));
    },

    /** After the end of a rotation: the old password is of no use any more. */
    async forgetPreviousPassword(input: ActionInput): Promise<void> {
      await store.credentials.forgetPrevious(input.resourceId);
    },
  };
}
