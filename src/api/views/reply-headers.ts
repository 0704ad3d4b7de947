/** Headers of the answer to a call with an effect: where the outcome is found, and whether an earlier call with this Idempotency-Key had it. */
export function effectHeaders(effect: { location?: string; replayed: boolean }): Record<string, string> {
  return {
    ...(effect.location !== undefined && { Location: effect.location }),
    ...(effect.replayed && { "Idempotent-Replayed": "true" }),
  };
}
