import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WorkflowBundle, workflowBundle } from "../../src/temporal/workflow-bundle.ts";

/** The workflows of another build: the present ones with one line of their code replaced. */
export async function changedBundle(line: string, replacement: string): Promise<WorkflowBundle> {
  const { codePath: present } = await workflowBundle();
  const parts = readFileSync(present, "utf8").split(line);
  if (parts.length !== 2) throw new Error(`the bundle has ${parts.length - 1} times: ${line}`);
  const codePath = join(mkdtempSync(join(tmpdir(), "cn-bundle-")), "workflows.js");
  const code = parts.join(replacement);
  writeFileSync(codePath, code);
  return { codePath, hash: createHash("sha256").update(code).digest("hex").slice(0, 24) };
}
