import { describe, expect, it } from "vitest";
import { normaliseCidr } from "../../src/domain/ipv4.ts";

describe("a CIDR block", () => {
  it.each([
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["203.0.113.7/32", "203.0.113.7/32"],
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["10.88.0.1/24", "10.88.0.0/24"],
  ])("%s is %s", (text, block) => {
    expect(normaliseCidr(text)).toBe(block);
  });

  it.each([
    ["203.0.113.7"],
    ["203.0.113.0/33"],
    ["203.0.113.0/"],
    ["203.0.113/24"],
    ["256.0.0.0/8"],
    ["01.2.3.4/8"],
    ["::1/128"],
    ["all"],
    [""],
    ["10.0.0.0/8\n"],
    ["10.0.0.0/8; DROP TABLE databases"],
  ])("%j is none", (text) => {
    expect(normaliseCidr(text)).toBeNull();
  });
});
