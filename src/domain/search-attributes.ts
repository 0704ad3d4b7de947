/** What workflows are found by, in the Temporal UI and CLI: all of type keyword. They are readable for whoever may see Temporal; so ids and codes only, no names, no secrets. */
export const SEARCH_ATTRIBUTES = {
  accountId: "CloudNexusAccountId",
  resourceId: "CloudNexusResourceId",
  resourceKind: "CloudNexusResourceKind",
  region: "CloudNexusRegion",
  /** Of an action that failed: its error code, */
  errorCode: "CloudNexusErrorCode",
  /** and the step it failed in. */
  failedStep: "CloudNexusFailedStep",
} as const;
