import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SecretBox } from "../../src/store/secret-box.ts";

describe("a sealed secret", () => {
  const box = new SecretBox(randomBytes(32));

  it("opens for the row it was sealed for", () => {
    expect(box.open(box.seal("#cloud-config\npassword: hunter2\n", "srv_a"), "srv_a")).toBe(
      "#cloud-config\npassword: hunter2\n",
    );
  });

  it("does not open for another row, with another key, or changed", () => {
    const sealed = box.seal("secret", "srv_a");
    expect(() => box.open(sealed, "srv_b")).toThrow();
    expect(() => new SecretBox(randomBytes(32)).open(sealed, "srv_a")).toThrow("another credential key");
    const changed = sealed.slice(0, -2) + (sealed.endsWith("A") ? "BB" : "AA");
    expect(() => box.open(changed, "srv_a")).toThrow();
  });

  it("looks different every time", () => {
    expect(box.seal("secret", "srv_a")).not.toBe(box.seal("secret", "srv_a"));
  });
});
