import type { ActionFailure, ActionInput, AddressAllocated } from "./workflow-contracts.ts";

/** What activities ask and answer. Plain data: it is stored in workflow history. */

/** The exact image of a create, so that a retry of a later step uses the same. */
export interface ResolvedImage {
  fingerprint: string;
}

export interface CreateInstanceInput extends ActionInput {
  imageFingerprint: string;
}

export interface WaitForSshInput extends ActionInput, AddressAllocated {}

export interface MarkActiveInput extends ActionInput {
  /** The resource's status before the action, and again after its undo. */
  from: "provisioning" | "suspended" | "active";
}

/** An instance before an action changes it. */
export interface InstanceFound {
  isRunning: boolean;
  ipv4: string;
  /** Of the image that its disk was made from; null if that is not known. */
  imageFingerprint: string | null;
}

/** What is done to an instance by how it was found. */
export interface FoundInput extends ActionInput, InstanceFound {}

export interface RebuildInstanceInput extends ActionInput {
  /** Of the new image. */
  newFingerprint: string;
}

export interface EndActionInput extends ActionInput {
  failure: ActionFailure;
}
