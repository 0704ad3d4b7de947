import { describe, expect, it } from "vitest";
import { allowedSources } from "../../activities/allowed-sources.ts";

const NETWORK = { gateway: "10.88.0.1", prefixLength: 24 };

describe("who may reach a database", () => {
  it("is the region's network where nothing else is asked", () => {
    expect(allowedSources([], NETWORK)).toEqual(["10.88.0.0/24", "10.88.0.1/32"]);
  });

  it("is who was asked for, and the gateway, from where the engine is proven", () => {
    expect(allowedSources(["203.0.113.0/24"], NETWORK)).toEqual(["203.0.113.0/24", "10.88.0.1/32"]);
  });

  it("names nobody twice", () => {
    expect(allowedSources(["10.88.0.1/32"], NETWORK)).toEqual(["10.88.0.1/32"]);
  });
});
