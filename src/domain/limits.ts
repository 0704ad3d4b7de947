/** Limits of the public API (docs/architecture.md, "Limits"). */
export const LIMITS = {
  nameMaxLength: 63,
  sshKeysPerServer: 32,
  userDataMaxBytes: 16 * 1024,
  trustedSourcesPerDatabase: 64,
  labelsPerResource: 32,
  labelKeyMaxLength: 63,
  labelValueMaxLength: 255,
  requestBodyMaxBytes: 256 * 1024,
  /** Request line and headers together. */
  requestHeadersMaxBytes: 16 * 1024,
  /** A rolled token works on for a week at most. */
  rollOverlapMaxSeconds: 7 * 24 * 60 * 60,
  rollOverlapDefaultSeconds: 24 * 60 * 60,
  idempotencyKeyMaxLength: 255,
  idempotencyKeyTtlDays: 7,
  eventRetentionDays: 7,
  /** Streams of events in each API process. */
  eventStreamsPerAccount: 20,
  eventStreamsPerProcess: 500,
  perPageDefault: 20,
  perPageMax: 100,
} as const;

/** Names of resources: 1-63 of a-z A-Z 0-9 . _ -, starting and ending with a letter or digit. */
export const RESOURCE_NAME_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
