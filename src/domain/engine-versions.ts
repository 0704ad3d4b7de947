import { DATABASE_ENGINES, type DatabaseEngine } from "./database.ts";

/** An engine as a region has it: one image. */
export interface EngineOffer {
  fingerprint: string;
  engine: DatabaseEngine;
  /** What decides about compatibility: `17`, `9.7`. */
  major: string;
  /** What is installed: `17.6`. */
  version: string;
  /** What really answers. */
  implementation: string;
}

/** A major as it is asked for (`17`), or the oldest version of it that will do (`15.4`). */
export const ENGINE_VERSION_PATTERN = /^\d{1,4}(?:\.\d{1,4}){0,3}$/;

/**
 * The newest offer of the engine that will do: `17` is any version of that major, `15.4` that major at that version or newer, null anything. A shorter form than
 * the major's own (`9` where there is 9.7) means any major that begins with it.
 */
export function newestOffer<T extends Pick<EngineOffer, "engine" | "major" | "version">>(
  offers: readonly T[],
  engine: DatabaseEngine,
  asked: string | null,
): T | null {
  const fitting = offers.filter((offer) => offer.engine === engine && (asked === null || willDo(offer, asked)));
  return fitting.sort((a, b) => compareVersions(b.version, a.version))[0] ?? null;
}

function willDo({ major, version }: Pick<EngineOffer, "major" | "version">, asked: string): boolean {
  return isPrefix(asked, major) || (isPrefix(major, asked) && compareVersions(version, asked) >= 0);
}

/** Whether `9` begins `9.7`, part by part: `1` does not begin `17`. */
function isPrefix(short: string, long: string): boolean {
  return long === short || long.startsWith(`${short}.`);
}

/** Part by part as numbers; a missing part is 0. Suffixes such as `-1ubuntu2` are no part of a version. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (let place = 0; place < Math.max(left?.length ?? 0, right?.length ?? 0); place++) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isDatabaseEngine(engine: string): engine is DatabaseEngine {
  return (DATABASE_ENGINES as readonly string[]).includes(engine);
}
