import { HOLDS_KNOWN_FOR_MS, type Hold } from "../domain/hold.ts";

/**
 * What a worker knows of the holds. A step asks before it begins, and mostly finds them read within the last second; so what is held is held in every worker after
 * `HOLDS_KNOWN_FOR_MS`, and steps that follow each other cost one small query.
 */
export class HoldsInForce {
  private readonly read: () => Promise<Hold[]>;
  private holds: readonly Hold[] = [];
  /** When the read began that told them. */
  private readAtMs = Number.NEGATIVE_INFINITY;
  private reading: { beganAtMs: number; holds: Promise<readonly Hold[]> } | null = null;

  constructor(read: () => Promise<Hold[]>) {
    this.read = read;
  }

  /** Those of which the caller has to know. Rejects while the database does not answer and nothing is known that is new enough. */
  async current(): Promise<readonly Hold[]> {
    const oldestMs = performance.now() - HOLDS_KNOWN_FOR_MS;
    if (this.readAtMs > oldestMs) return this.holds;
    if (this.reading && this.reading.beganAtMs > oldestMs) return this.reading.holds;
    const beganAtMs = performance.now();
    const reading = { beganAtMs, holds: this.readFrom(beganAtMs) };
    this.reading = reading;
    return reading.holds.finally(() => {
      if (this.reading === reading) this.reading = null;
    });
  }

  private async readFrom(beganAtMs: number): Promise<readonly Hold[]> {
    const holds = await this.read();
    if (beganAtMs > this.readAtMs) Object.assign(this, { holds, readAtMs: beganAtMs });
    return holds;
  }
}
