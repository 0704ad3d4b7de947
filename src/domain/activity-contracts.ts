import type { ActionFailure, AddressAllocated, CreateServerInput, ServerActionInput } from "./workflow-contracts.ts";

/** What activities ask and answer. Plain data: it is stored in workflow history. */

export interface CreateInstanceInput extends CreateServerInput {
  imageFingerprint: string;
}

export interface WaitForSshInput extends CreateServerInput, AddressAllocated {}

export interface EndActionInput extends ServerActionInput {
  failure: ActionFailure;
}
