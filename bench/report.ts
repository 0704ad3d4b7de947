/** What a measure should reach: `atMost` for times, `atLeast` for throughput. Both are compared with the ratio, or with the value if there is no baseline. */
export type Aim = { atMost: number } | { atLeast: number };

export interface Measure {
  name: string;
  unit: string;
  /** The same thing done without CloudNexus, in the same run. */
  baseline?: number;
  value: number;
  aim?: Aim;
}

const COLUMNS = ["measure", "unit", "baseline", "cloudnexus", "ratio", "aim", ""];

/** Prints the measures as a table; a missed aim is marked, and changes nothing else: on a busy machine it says little. */
export function printMeasures(title: string, measures: Measure[]): void {
  const rows = [COLUMNS, ...measures.map(toRow)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [names = 0] = widths;
  console.log(`\n${title}`);
  for (const row of rows) {
    const [name = "", ...cells] = row;
    console.log(
      [name.padEnd(names), ...cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0))].join("  ").trimEnd(),
    );
  }
}

function toRow({ name, unit, baseline, value, aim }: Measure): string[] {
  const ratio = baseline === undefined ? null : value / baseline;
  return [
    name,
    unit,
    baseline === undefined ? "" : shown(baseline),
    shown(value),
    ratio === null ? "" : ratio.toFixed(2),
    aim ? ("atMost" in aim ? `<= ${aim.atMost}` : `>= ${Number(aim.atLeast.toFixed(2))}`) : "",
    aim ? (isReached(ratio ?? value, aim) ? "reached" : "MISSED") : "",
  ];
}

function isReached(figure: number, aim: Aim): boolean {
  return "atMost" in aim ? figure <= aim.atMost : figure >= aim.atLeast;
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
