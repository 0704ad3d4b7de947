import { Context } from "@temporalio/activity";
import { MockActivityEnvironment } from "@temporalio/testing";
import { describe, expect, it } from "vitest";
import { EarlyHeartbeats } from "../../src/temporal/early-heartbeats.ts";

async function heartbeatsOf(activity: () => Promise<unknown>): Promise<unknown[]> {
  const interceptors = [(context: Context) => ({ inbound: new EarlyHeartbeats(context) })];
  const environment = new MockActivityEnvironment({}, { interceptors });
  const beats: unknown[] = [];
  environment.on("heartbeat", (details: unknown) => beats.push(details));
  await environment.run(activity).catch(() => undefined);
  return beats;
}

const beat = (details: string) => Context.current().heartbeat(details);

describe("the heartbeats of an activity", () => {
  it("are none where it has succeeded at once", async () => {
    expect(
      await heartbeatsOf(async () => {
        beat("operation 1");
      }),
    ).toEqual([]);
  });

  it("are the last one where it fails at once: the next attempt goes on from there", async () => {
    expect(
      await heartbeatsOf(async () => {
        beat("operation 1");
        beat("operation 2");
        throw new Error("lost");
      }),
    ).toEqual(["operation 2"]);
  });

  it("are the last one of its first moments, and all that follow, where it goes on", async () => {
    const environment = new MockActivityEnvironment(
      {},
      { interceptors: [(context: Context) => ({ inbound: new EarlyHeartbeats(context) })] },
    );
    const beats: unknown[] = [];
    const released = new Promise<void>((resolve) => {
      environment.on("heartbeat", (details: unknown) => {
        beats.push(details);
        resolve();
      });
    });
    await environment.run(async () => {
      beat("operation 1");
      beat("operation 2");
      await released;
      beat("operation 3");
      beat("operation 4");
    });
    expect(beats).toEqual(["operation 2", "operation 3", "operation 4"]);
  });
});
