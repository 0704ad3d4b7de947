import { spawn } from "node:child_process";
import { once } from "node:events";

export interface ShellResult {
  /** Standard output and standard error, as they came. */
  text: string;
  /** Standard error alone. */
  errors: string;
}

/** Runs a script with bash, in which a variable that is not set is an error. However it ends, what it said is answered. */
export async function runInShell(script: string, env: NodeJS.ProcessEnv): Promise<ShellResult> {
  // A bash whose standard input is a socket would read the start-up files of a login first.
  const child = spawn("bash", ["-uc", script], { stdio: ["ignore", "pipe", "pipe"], env });
  const said: ShellResult = { text: "", errors: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said.text += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said.text += chunk;
    said.errors += chunk;
  });
  await once(child, "close");
  return said;
}
