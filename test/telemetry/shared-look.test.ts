import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRegistry, observePool, observeRunningActions } from "../../src/telemetry/metrics.ts";
import { sharedLook } from "../../src/telemetry/shared-look.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("metrics from the database", () => {
  it("are left out while it hangs, and the others are told", async () => {
    const registry = createRegistry();
    observePool(registry, () => ({ total: 3, idle: 0, waiting: 1 }));
    observeRunningActions(registry, () => new Promise(() => undefined));
    const reading = registry.metrics();
    await vi.advanceTimersByTimeAsync(2_000);
    const text = await reading;
    expect(text).toContain('cloudnexus_db_pool_connections{state="waiting"} 1');
    expect(text).not.toContain("cloudnexus_actions_running{");
  });
});

describe("a shared look", () => {
  it("is one for all who ask at once, and a new one for who asks later", async () => {
    let count = 0;
    const look = sharedLook(() => Promise.resolve(++count));
    expect(await Promise.all([look(), look()])).toEqual([1, 1]);
    expect(await look()).toBe(2);
  });

  it("is null where it fails", async () => {
    const look = sharedLook(() => Promise.reject(new Error("away")));
    expect(await look()).toBeNull();
  });

  it("is not begun once more while it hangs", async () => {
    let begun = 0;
    let answer: (value: string) => void = () => undefined;
    const look = sharedLook(() => {
      begun += 1;
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    });
    const early = look();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await early).toBeNull();
    const late = look();
    answer("at last");
    expect(await late).toBe("at last");
    expect(begun).toBe(1);
  });
});
