import { beforeEach } from "vitest";

/** A test that fails says how it is run again, alone. Set up for every test file (vitest.config.ts). */

/** How its suite is run. */
const SUITE = process.env["TEST_SUITE"] ?? "npx vitest run";

interface Named {
  name: string;
  suite?: Named | undefined;
}

beforeEach(({ task, onTestFailed }) => {
  onTestFailed(() => console.error(`run it again: ${SUITE} ${task.file.name} -t '${patternOf(task)}'`));
});

/** Vitest matches the pattern against the names of the suites and of the test, with blanks between them. */
function patternOf(task: Named): string {
  return `^${fullName(task).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`.replaceAll("'", String.raw`'\''`);
}

function fullName({ suite, name }: Named): string {
  return suite ? `${fullName(suite)} ${name}` : name;
}
