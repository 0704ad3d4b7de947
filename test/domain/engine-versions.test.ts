import { describe, expect, it } from "vitest";
import type { DatabaseEngine } from "../../src/domain/database.ts";
import { compareVersions, newestOffer } from "../../src/domain/engine-versions.ts";

const offer = (engine: DatabaseEngine, major: string, version: string) => ({ engine, major, version });
const OFFERS = [
  offer("postgresql", "15", "15.14"),
  offer("postgresql", "17", "17.6"),
  offer("postgresql", "17", "17.10"),
  offer("mysql", "9.7", "9.7.0"),
  offer("redis", "7", "7.0.15"),
  offer("redis", "8", "8.0.2"),
  offer("mongodb", "7.0", "7.0.77"),
];

describe("the version that was asked for", () => {
  it.each<[DatabaseEngine, string | null, string | null]>([
    ["postgresql", "15.4", "15.14"],
    ["postgresql", "15.14", "15.14"],
    ["postgresql", "15.15", null],
    ["postgresql", "15", "15.14"],
    ["postgresql", "17", "17.10"],
    ["postgresql", "17.7", "17.10"],
    ["postgresql", null, "17.10"],
    ["postgresql", "16", null],
    ["postgresql", "1", null],
    ["postgresql", "150", null],
    ["mysql", "9", "9.7.0"],
    ["mysql", "9.7", "9.7.0"],
    ["mysql", "9.7.1", null],
    ["mysql", "9.6", null],
    ["mysql", "8.0", null],
    ["redis", "7.2", null],
    ["redis", "8.0", "8.0.2"],
    ["mongodb", "7", "7.0.77"],
    ["mongodb", "7.0", "7.0.77"],
    ["mongodb", null, "7.0.77"],
  ])("%s %s is answered with %s", (engine, asked, version) => {
    expect(newestOffer(OFFERS, engine, asked)?.version ?? null).toBe(version);
  });

  it("finds nothing where there is nothing", () => {
    expect(newestOffer([], "redis", null)).toBeNull();
  });
});

describe("versions", () => {
  it.each([
    ["15.4", "15.14", -1],
    ["17.6", "17.6.0", 0],
    ["9.7.0", "9.10", -1],
    ["8.0.2", "8.0.1", 1],
    ["17.6-1", "17.6", 0],
  ])("%s and %s compare by their numbers", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
