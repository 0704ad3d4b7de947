import type proto from "@temporalio/proto";

/** A time of Temporal's wire; null where it names none. */
export function toDate(time: proto.google.protobuf.ITimestamp | null | undefined): Date | null {
  if (!time?.seconds) return null;
  return new Date(Number(time.seconds) * 1_000 + Math.round((time.nanos ?? 0) / 1e6));
}

/** A length of time of Temporal's wire, in seconds. */
export function toSeconds(duration: proto.google.protobuf.IDuration | null | undefined): number {
  return Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
}
