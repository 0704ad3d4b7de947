import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runActions } from "../../scripts/cli/actions.ts";
import { runHolds } from "../../scripts/cli/holds.ts";
import { OperatorApi } from "../../scripts/cli/operator-api.ts";
import { UsageError } from "../../scripts/cli/request.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { createWorld, type World } from "../support/world.ts";

/** The commands of operators against a whole CloudNexus. */

let world: World;
let operator: Operator;
let api: OperatorApi;
let told: string[] = [];

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  operator = await createOperator(world);
  api = new OperatorApi({ url: world.api.address, apiKey: operator.token });
});
afterAll(() => world.close());

/** As a shell takes a line apart, without quotes. */
function actions(line: string) {
  told = [];
  return runActions(line.split(" "), api, (one) => told.push(one));
}

function holds(line: string) {
  return runHolds(line.split(" "), api);
}

async function failedCreate(name: string): Promise<{ id: string; actionId: string }> {
  const match = { method: "POST", path: "/1.0/instances" };
  await world.simulator.addFault({ kind: "error_before", match, count: 1, status: 400 });
  const { data } = (await world.api.createServer(name)).body;
  expect((await world.api.actionEnd(data.action_id)).status).toBe("failed");
  return { id: data.id, actionId: data.action_id };
}

describe("holds", () => {
  it("are added, listed with who waits, and released", async () => {
    expect(await holds("list")).toEqual({ text: "nothing is held", exitCode: 0 });
    const { text } = await holds("add --step create_instance --region us-east-1 --reason updates");
    const [id = ""] = text.split(" ");
    expect(text).toBe(`${id} is in force`);
    const { data } = (await world.api.createServer("waits")).body;
    await operator.waitsFor(id, data.action_id);

    const [headings, row] = (await holds("list")).text.split("\n");
    expect(headings).toMatch(/^ID +STATUS +REGION +STEP +KIND +WAITING +AGE +REASON$/);
    expect(row).toMatch(new RegExp(`^${id} +in_force +us-east-1 +create_instance +\\* +1 +\\d+s +updates$`));
    expect((await actions("list --status running")).text).toContain(" held ");
    expect((await actions(`show ${data.action_id}`)).text).toContain("before create_instance since ");

    expect(await holds(`release ${id} --reason done`)).toEqual({ text: `${id} is released`, exitCode: 0 });
    expect(await actions(`watch ${data.action_id}`)).toEqual({ text: `${data.action_id} succeeded`, exitCode: 0 });
    expect(told).toContain("wait_for_ssh succeeded");
    expect(JSON.parse((await holds("list --all -o json")).text)).toMatchObject([{ id, status: "released" }]);
  });
});

describe("actions", () => {
  it("that failed are found, watched with 3 and tried again", async () => {
    const { id, actionId } = await failedCreate("fails");
    const { text } = await actions("list --status failed --step create_instance --younger-than 1h");
    expect(text).toContain(actionId);
    expect(text.split("\n").at(-1)).toBe("1 of 1");
    expect(await actions(`watch ${actionId}`)).toMatchObject({ exitCode: 3 });
    expect(await actions("retry --step create_instance --dry-run")).toEqual({
      text: "1 would be tried again",
      exitCode: 0,
    });
    const retried = await actions("retry --step create_instance --rate 10/s --reason again");
    expect(retried.exitCode).toBe(0);
    expect(retried.text).toMatch(/^rty_\w+ succeeded: 1 begun, 0 skipped$/);
    expect(told[0]).toMatch(/^rty_\w+: 1 matched$/);
    const [latest] = await world.api.list(`/v1/servers/${id}/actions`);
    expect((await world.api.actionEnd(latest?.id ?? "")).status).toBe("succeeded");
  });

  it("are cancelled", async () => {
    const hold = await operator.hold({ step: "create_instance" });
    const { data } = (await world.api.createServer("cancelled")).body;
    await operator.waitsFor(hold, data.action_id);
    expect((await actions(`cancel ${data.action_id} --reason mistake`)).exitCode).toBe(0);
    const watched = await actions(`watch ${data.action_id} -o json`);
    expect(watched.exitCode).toBe(3);
    expect(JSON.parse(watched.text)).toMatchObject({ status: "cancelled" });
    await operator.release(hold);
  });

  it("refuse in one line: what the API refuses, and command lines that are wrong", async () => {
    await expect(actions("show act_none")).rejects.toThrow(/^not_found: /);
    for (const line of [
      "list --colour red",
      "show",
      "retry --reason all",
      "cancel act_a",
      "list --older-than soon",
      "dance",
    ])
      await expect(actions(line)).rejects.toThrow(UsageError);
    await expect(holds("add --step create_instance")).rejects.toThrow(UsageError);
    await expect(holds("release hld_a")).rejects.toThrow(UsageError);
    // As a variable that is not set leaves it.
    for (const words of [
      ["show", ""],
      ["watch", ""],
      ["retry", "", "--reason", "again"],
    ]) {
      await expect(runActions(words, api, () => undefined)).rejects.toThrow(/needs an id/);
    }
    expect(() => new OperatorApi({ url: "", apiKey: undefined })).toThrow(UsageError);
  });
});
