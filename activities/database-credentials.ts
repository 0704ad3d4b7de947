import { FIRST_USERNAME } from "../src/domain/database.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import { boundTo } from "../src/domain/sealed-rows.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Rotation } from "../src/store/database-credentials.ts";
import type { Store } from "../src/store/store.ts";
import { newPassword, type Secrets } from "./secrets.ts";
import { whileRunning } from "./while-running.ts";

export function rotationOf({ resourceId, actionId }: ActionInput): Rotation {
  return { databaseId: resourceId, actionId };
}

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

    /** The first step of a rotation. */
    async generatePassword(input: ActionInput): Promise<void> {
      await store.transaction(async ({ databases, actions, credentials }) => {
        const database = await databases.lock(input.resourceId);
        if (database?.actionId !== input.actionId) throw new DomainError("resource_deleted");
        await actions.markStarted(input.actionId);
        // A late attempt, which nobody would take back.
        if (!(await actions.lockRunning(input))) return;
        await credentials.beginRotation(rotationOf(input), newPasswordBox(input.resourceId));
      });
    },

    async discardPassword(input: ActionInput): Promise<void> {
      await whileRunning(store, input, ({ credentials }) => credentials.discardNext(rotationOf(input)));
    },

    /** From here on the new login is the one that is shown. */
    async storePassword(input: ActionInput): Promise<void> {
      await store.credentials.promoteNext(rotationOf(input));
    },

    async restorePassword(input: ActionInput): Promise<void> {
      await whileRunning(store, input, ({ credentials }) => credentials.restorePrevious(rotationOf(input)));
    },

    /** After the end of a rotation: the old password is of no use any more. */
    async forgetPreviousPassword(input: ActionInput): Promise<void> {
      await store.credentials.forgetPrevious(rotationOf(input));
    },
  };
}
