import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli, typist } from "../support/command-line.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { createWorld, type World } from "../support/world.ts";

/** The commands of operators against a whole CloudNexus. */

let world: World;
let operator: Operator;
let run: ReturnType<typeof typist>;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  operator = await createOperator(world);
  run = typist(world.api.address, operator.token);
});
afterAll(() => world.close());

/** What a line says that succeeds. */
async function done(line: string): Promise<string> {
  const { exitCode, out, err } = await run(line);
  expect(exitCode, err).toBe(0);
  return out;
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
    expect(await done("holds")).toBe("nothing is held");
    const text = await done("holds add --step create_instance --region us-east-1 --reason updates");
    const [id = ""] = text.split(" ");
    expect(text).toBe(`${id} is in force`);
    const { data } = (await world.api.createServer("waits")).body;
    await operator.waitsFor(id, data.action_id);

    const [headings, row] = (await done("holds list")).split("\n");
    expect(headings).toMatch(/^ID +STATUS +REGION +HOST +STEP +KIND +WAITING +AGE +REASON$/);
    expect(row).toMatch(new RegExp(`^${id} +in_force +us-east-1 +\\* +create_instance +\\* +1 +\\d+s +updates$`));
    expect(await done("actions --status running")).toContain(" held ");
    expect(await done(`actions show ${data.action_id}`)).toContain("before create_instance since ");

    expect(await done(`holds release ${id} --reason done`)).toBe(`${id} is released`);
    const watched = (await done(`actions watch ${data.action_id}`)).split("\n");
    expect(watched).toContain("wait_for_ssh succeeded");
    expect(watched.at(-1)).toBe(`${data.action_id} succeeded`);
    const all = JSON.parse(await done("holds list --all -o json")) as { data: object[] };
    expect(all.data).toMatchObject([{ id, status: "released" }]);
  });
});

describe("actions", () => {
  it("that failed are found, watched with 3 and tried again", async () => {
    const { id, actionId } = await failedCreate("fails");
    const text = await done("actions list --status failed --step create_instance --younger-than 1h");
    expect(text).toContain(actionId);
    expect(text.split("\n").at(-1)).toBe("1 of 1");
    expect(await run(`actions watch ${actionId}`)).toMatchObject({ exitCode: 3 });
    expect(await done("actions retry --step create_instance --dry-run")).toBe("1 would be tried again");
    const retried = await run("actions retry --step create_instance --rate 10/s --reason again");
    expect(retried.exitCode).toBe(0);
    expect(retried.out).toMatch(/^rty_\w+ succeeded: 1 begun, 0 skipped$/);
    expect(retried.err).toMatch(/^rty_\w+: 1 matched$/m);
    const [latest] = await world.api.list(`/v1/servers/${id}/actions`);
    expect((await world.api.actionEnd(latest?.id ?? "")).status).toBe("succeeded");
  });

  it("are cancelled", async () => {
    const hold = await operator.hold({ step: "create_instance" });
    const { data } = (await world.api.createServer("cancelled")).body;
    await operator.waitsFor(hold, data.action_id);
    expect(await done(`actions cancel ${data.action_id} --reason mistake`)).toBe(
      `${data.action_id} is asked to cancel`,
    );
    const watched = await run(`actions watch ${data.action_id} -o json`);
    expect(watched.exitCode).toBe(3);
    const lines = watched.out.split("\n").map((line) => JSON.parse(line) as object);
    expect(lines.at(-1)).toMatchObject({ id: data.action_id, status: "cancelled" });
    await operator.release(hold);
  });

  it("are watched until Ctrl-C, which ends nothing but the watching", async () => {
    const hold = await operator.hold({ step: "create_instance" });
    const { data } = (await world.api.createServer("interrupted")).body;
    await operator.waitsFor(hold, data.action_id);
    const interruption = new AbortController();
    const watched = run(`actions watch ${data.action_id}`, { signal: interruption.signal });
    interruption.abort();
    expect((await watched).exitCode).toBe(130);
    await operator.release(hold);
    expect((await world.api.actionEnd(data.action_id)).status).toBe("succeeded");
  });

  it("that the API refuses end with 1 and its reason in one line", async () => {
    const { exitCode, out, err } = await run("actions show act_none");
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(err).toMatch(/^not_found: .+ \(req_\w+\)$/);
    const answered = await run("actions show act_none -o json");
    expect(JSON.parse(answered.out)).toMatchObject({ status: "error", error: { code: "not_found" } });
  });

  it.each([
    "actions list --colour red",
    "actions show",
    "actions retry --reason all",
    "actions cancel act_a",
    "actions list --older-than soon",
    "actions dance",
    "holds add --step create_instance",
    "holds release hld_a",
    "actions cancel act_a --reason=",
    "audit --repair",
  ])("%s is a command line that is wrong", async (line) => {
    expect(await run(line)).toMatchObject({ exitCode: 2, out: "" });
  });

  it("take no id of a variable that is not set", async () => {
    const environment = { CLOUDNEXUS_URL: world.api.address, CLOUDNEXUS_API_KEY: operator.token };
    for (const words of [
      ["show", ""],
      ["watch", ""],
      ["retry", "", "--reason", "again"],
    ]) {
      const { exitCode, err } = await runCli(["actions", ...words], { environment });
      expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining("It is empty.") });
    }
  });
});
