/** Column by column, each as wide as it has to be; the first row is the headings. What others wrote can't steer the terminal. */
export function table(rows: string[][]): string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\p{Cc}/gu, " ")));
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** How long ago: `40s`, `12m`, `3h`, `2d`. */
export function ageOf(timestamp: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
