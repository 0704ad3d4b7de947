import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** How a run of test files ended: `failed` names its first failed test, `broken` says why there was nothing to judge. */
export type SuiteEnd = { passed: true } | { failed: string } | { broken: string };

/** PostgreSQL and Temporal, for the environment of the tests. */
export interface Servers {
  MUTANTS_POSTGRES_URL: string;
  MUTANTS_TEMPORAL_ADDRESS: string;
}

/** So much longer than any of them takes: a defect may make a test wait for what never comes. */
const TIMEOUT_MS = 900_000;

interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

/** Runs these test files in the copy, up to the first test that fails. */
export async function runSuite(folder: string, tests: readonly string[], servers: Servers): Promise<SuiteEnd> {
  const reportFile = join(folder, "mutants-report.json");
  rmSync(reportFile, { force: true });
  const options = ["run", "--config", "vitest.mutants.config.ts", "--reporter=json", `--outputFile=${reportFile}`];
  // By its whole name: without it, other files that begin alike would run as well.
  const files = tests.map((test) => `${test}.test.ts`);
  const vitest = spawn(process.execPath, [join(folder, "node_modules/vitest/vitest.mjs"), ...options, ...files], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...servers },
    timeout: TIMEOUT_MS,
  });
  let complaints = "";
  vitest.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const [code] = (await once(vitest, "exit")) as [number | null];
  if (code === null) return { failed: `no end within ${TIMEOUT_MS / 1000} s` };
  return endOf(readReport(reportFile), code, complaints);
}

function readReport(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return null;
  }
}

function endOf(report: Report | null, code: number, complaints: string): SuiteEnd {
  if (!report) return { broken: complaints.trim().split("\n").at(-1) ?? "no report" };
  const failed = report.testResults.flatMap(({ assertionResults }) => assertionResults).find(isFailed);
  if (failed) return { failed: failed.fullName };
  const file = report.testResults.find(isFailed);
  // What does not even compile is no defect that a test could notice.
  if (file && /SyntaxError|Transform failed|PARSE_ERROR|Failed to (load|resolve)/.test(file.message)) {
    return { broken: file.message.split("\n")[0] ?? "" };
  }
  if (file) return { failed: `the preparation of ${file.name.split("/test/")[1]}` };
  return code === 0 ? { passed: true } : { broken: complaints.trim().split("\n").at(-1) ?? `exit code ${code}` };
}

function isFailed({ status }: { status: string }): boolean {
  return status === "failed";
}
