import { readFileSync } from "node:fs";
import { relative } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { createWorld, type World } from "../support/world.ts";

describe("the workflows of a worker", () => {
  const held = new HeldActivity();
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await world.startWorker([held.interceptor]);
  });
  afterAll(() => world.close());

  it.each(["resolve_image", "create_instance", "wait_for_ssh"])("say by a stack that they wait in %s", async (step) => {
    held.hold(step);
    const { body } = await world.api.createServer(step, { ssh_keys: [await createSshKey(world.api)] });
    await held.waitUntilHeld();
    const workflow = world.temporal.workflow.getHandle(`create-server/${body.data.id}/1`);
    const stack = await workflow.query<string>("__stack_trace");
    held.release();
    expect(stack).toMatch(lineOfStep(step));
    expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
  });
});

/** The place in createServer, as the source map gives it. */
function lineOfStep(step: string): RegExp {
  const lines = readFileSync("workflows/create-server.ts", "utf8").split("\n");
  const line = lines.findIndex((text) => text.includes(`.${activityOfStep(step)}(`)) + 1;
  return new RegExp(`workflows/create-server\\.ts:${line}:`);
}

describe("what all workflows of a worker share", async () => {
  const modules = await ownModules();

  it("are the modules of the bundle, ours too", () => {
    expect(modules).toContain("workflows/create-server.ts");
    expect(modules).toContain("src/domain/workflow-contracts.ts");
  });

  it.each(modules)("is nothing that one of them could change: %s", (file) => {
    expect(changeable(file)).toEqual([]);
  });
});

/** Those of this checkout that are in the bundle, by its source map. */
async function ownModules(): Promise<string[]> {
  const code = readFileSync((await workflowBundle()).codePath, "utf8");
  const encoded = /sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,(\S+)/.exec(code)?.[1] ?? "";
  const { sources } = JSON.parse(Buffer.from(encoded, "base64").toString()) as { sources: string[] };
  const paths = sources.map((source) => relative(".", source));
  return paths.filter((path) => /^(workflows|src)\/.*\.ts$/.test(path)).sort();
}

/** The variables of a module that can be assigned to, and its collections that begin empty: those are there to be filled. */
function changeable(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  return source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList: { flags, declarations } }) =>
      declarations
        .filter(({ initializer }) => !(flags & ts.NodeFlags.Const) || (initializer && isEmptyCollection(initializer)))
        .map(({ name }) => name.getText(source)),
    );
}

function isEmptyCollection(value: ts.Expression): boolean {
  if (ts.isNewExpression(value)) return !value.arguments?.length;
  if (ts.isArrayLiteralExpression(value)) return value.elements.length === 0;
  return ts.isObjectLiteralExpression(value) && value.properties.length === 0;
}
