/**
 * npm run test:mutants [-- --only WORDS] [--jobs N]
 *
 * Puts the defects of mutants.ts, one at a time, into copies of the checkout and expects the suite to notice each. Ends with 1 if more than one of ten stays unnoticed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TestProject } from "vitest/node";
import { type Processes, runUntilStopped } from "../../scripts/platform/processes.ts";
import { consoleProgress } from "../../scripts/platform/progress.ts";
import setup from "../support/global-setup.ts";
import { copyCheckout } from "./checkout-copy.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { runSuite, type Servers, type SuiteEnd } from "./suite-run.ts";

const LEAST_CAUGHT = 0.9;

interface Outcome {
  mutant: Mutant;
  end: SuiteEnd;
  seconds: number;
}

await runUntilStopped(main);

async function main(processes: Processes): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, jobs: { type: "string", default: "2" } },
  });
  const mutants = MUTANTS.filter(({ name, file, tests }) => `${name} ${file} ${tests.join(" ")}`.includes(values.only));
  const progress = consoleProgress();
  const servers = await progress.step("Start PostgreSQL and Temporal", () => startServers(processes));
  const folders = Array.from({ length: Number(values.jobs) }, () => {
    const copy = copyCheckout();
    processes.defer("the copy of the checkout", () => {
      copy.remove();
      return Promise.resolve();
    });
    return copy.folder;
  });

  const [folder = ""] = folders;
  const files = [...new Set(mutants.flatMap(({ tests }) => tests))];
  const sound = await progress.step("Run the tests without a defect", () => runSuite(folder, files, servers));
  if (!("passed" in sound)) throw new Error(`the suite fails without a defect: ${told(sound)}`);

  const outcomes: Outcome[] = [];
  const waiting = [...mutants];
  await Promise.all(
    folders.map(async (copy) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const outcome = await tryOut(copy, mutant, servers);
        outcomes.push(outcome);
        progress.note(`${outcomes.length}/${mutants.length} ${row(outcome)}`);
      }
    }),
  );
  return summary(outcomes.sort((a, b) => mutants.indexOf(a.mutant) - mutants.indexOf(b.mutant)));
}

async function startServers(processes: Processes): Promise<Servers> {
  const provided: Record<string, string> = {};
  const provide = (key: string, value: string) => {
    provided[key] = value;
  };
  const stop = await setup({ provide } as unknown as TestProject);
  processes.defer("PostgreSQL and Temporal", stop);
  return {
    MUTANTS_POSTGRES_URL: provided["postgresUrl"] ?? "",
    MUTANTS_TEMPORAL_ADDRESS: provided["temporalAddress"] ?? "",
  };
}

/** The copy is whole again afterwards. */
async function tryOut(folder: string, mutant: Mutant, servers: Servers): Promise<Outcome> {
  const startedAt = performance.now();
  const path = join(folder, mutant.file);
  const source = readFileSync(path, "utf8");
  const parts = source.split(mutant.find);
  if (parts.length !== 2) {
    throw new Error(`"${mutant.name}": its text is ${parts.length - 1} times in ${mutant.file}, not once`);
  }
  writeFileSync(path, parts.join(mutant.replace));
  try {
    const end = await runSuite(folder, mutant.tests, servers);
    return { mutant, end, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    writeFileSync(path, source);
  }
}

function summary(outcomes: Outcome[]): number {
  for (const outcome of outcomes) process.stdout.write(`${row(outcome)}\n`);
  const caught = outcomes.filter(({ end }) => "failed" in end).length;
  process.stdout.write(`${caught} of ${outcomes.length} defects noticed\n`);
  const isBroken = outcomes.some(({ end }) => "broken" in end);
  return !isBroken && outcomes.length > 0 && caught >= LEAST_CAUGHT * outcomes.length ? 0 : 1;
}

function row({ mutant, end, seconds }: Outcome): string {
  return `| ${mutant.name} | ${mutant.file} | ${told(end)} | ${seconds.toFixed(0)} s |`;
}

function told(end: SuiteEnd): string {
  if ("failed" in end) return `caught: ${end.failed}`;
  return "broken" in end ? `BROKEN: ${end.broken}` : "MISSED";
}
