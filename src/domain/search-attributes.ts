/** What workflows are found by, in the Temporal UI and CLI: all of type keyword. They are readable for whoever may see Temporal; so ids and codes only, no names, no secrets. */
export const SEARCH_ATTRIBUTES = {
  accountId: "CloudNexusAccountId",
  resourceId: "CloudNexusResourceId",
  resourceKind: "CloudNexusResourceKind",
  region: "CloudNexusRegion",
  /** What the disk is made from, or will be: the slug of an image, or engine and major version. */
  image: "CloudNexusImage",
  /** Of an action that failed: its error code, */
  errorCode: "CloudNexusErrorCode",
  /** and the step it failed in. */
  failedStep: "CloudNexusFailedStep",
  /** The hold that it waits for, as long as it waits. */
  holdId: "CloudNexusHoldId",
} as const;
