import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { WORKFLOWS } from "../../src/domain/workflow-contracts.ts";
import type { Data } from "../support/api-client.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

interface Line {
  level: string;
  msg: string;
  sdkComponent?: string;
  workflowId?: string;
  activityType?: string;
  request_id?: string;
  action_id?: string;
  resource_id?: string;
  account_id?: string;
  err?: object;
}

const { steps } = WORKFLOWS.server.create;
const logLines: string[] = [];
let world: World;
beforeAll(async () => {
  world = await createWorld({ logLines });
  await world.startWorker();
});
afterAll(() => world.close());

const unique = <T>(values: T[]) => [...new Set(values)];
const lines = () => logLines.map((line) => JSON.parse(line) as Line);
const workflowIdOf = (server: Data) => `create-server/${server.id}/1`;

/** The end of the workflow is logged a moment after the end of its action; the native part's lines are gathered for a while, and the others wait for them. */
async function linesOf(server: Data): Promise<Line[]> {
  const isEnd = ({ msg, workflowId }: Line) =>
    /^action (succeeded|failed)$/.test(msg) && workflowId === workflowIdOf(server);
  await waitUntil("the end of the workflow is logged", () => lines().some(isEnd));
  return lines();
}

describe("the log lines of a create", () => {
  it("are found by its request id: HTTP, workflow and every activity, each with action and resource", async () => {
    const { body } = await world.api.createServer("logged");
    const { id, action_id } = body.data;
    await world.api.actionEnd(action_id);
    const found = (await linesOf(body.data)).filter((line) => line.request_id === body.meta.request_id);

    expect(found.find(({ msg }) => msg === "request")).toMatchObject({
      method: "POST",
      route: "/v1/servers",
      status: 201,
    });
    const ids = { action_id, resource_id: id, account_id: expect.any(String) as unknown };
    const ofWorkflow = found.filter(({ sdkComponent }) => sdkComponent === "workflow");
    // A task that timed out on a busy machine is done, and logged, once more.
    expect(unique(ofWorkflow.map(({ msg }) => msg))).toEqual(["action started", "action succeeded"]);
    for (const line of ofWorkflow) expect(line).toMatchObject(ids);
    const ofActivities = found.filter(({ sdkComponent }) => sdkComponent === "activity");
    expect(unique(ofActivities.map(({ msg }) => msg))).toEqual(["step succeeded"]);
    expect(unique(ofActivities.map(({ activityType }) => activityType))).toEqual(steps.map(activityOfStep));
    for (const line of ofActivities) expect(line).toMatchObject(ids);
  });

  it("all name it: none about the workflow or its activities is without the ids, nor has a task token", async () => {
    const { body } = await world.api.createServer("all-logged");
    await world.api.actionEnd(body.data.action_id);
    const about = (await linesOf(body.data)).filter((line) => line.workflowId === workflowIdOf(body.data));
    expect(about.length).toBeGreaterThan(steps.length);
    const ids = { request_id: body.meta.request_id, action_id: body.data.action_id, resource_id: body.data.id };
    const without = about.filter(
      (line) => line.level !== "trace" && Object.entries(ids).some(([name, id]) => line[name as keyof Line] !== id),
    );
    expect(without).toEqual([]);
    expect(about.filter((line) => line.level !== "trace" && "taskToken" in line)).toEqual([]);
  });

  it("that fails tell the step and the reason", async () => {
    await world.simulator.addFault({ match: { method: "POST", path: "/1.0/instances" }, kind: "disk_full", count: 1 });
    const { body } = await world.api.createServer("fails");
    expect((await world.api.actionEnd(body.data.action_id)).status).toBe("failed");
    const found = (await linesOf(body.data)).filter((line) => line.request_id === body.meta.request_id);
    expect(found.find(({ msg }) => msg === "action failed")).toMatchObject({ error_code: "storage_full" });
    expect(found.find(({ msg }) => msg === "Activity failed")).toMatchObject({
      level: "warn",
      activityType: "createInstance",
      error_code: "storage_full",
      err: expect.objectContaining({ stack: expect.any(String) as unknown }) as unknown,
    });
    expect(found.map(({ activityType }) => activityType)).toContain("releaseIpAddress");
  });
});
