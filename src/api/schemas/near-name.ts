const MAX_LENGTH = 40;

/** The known name that `name` is probably a misspelling of: at most two edits away and less than half of it. */
export function nearName(name: string, known: readonly string[]): string | null {
  if (name.length > MAX_LENGTH) return null;
  const spelled = normalise(name);
  const candidates = known
    .map((candidate) => ({ candidate, edits: editDistance(spelled, normalise(candidate)) }))
    .filter(({ candidate, edits }) => edits <= 2 && edits * 2 < candidate.length)
    .sort((a, b) => a.edits - b.edits);
  return candidates[0]?.candidate ?? null;
}

/** `sshKeys`, `ssh-keys` and `SSH_Keys` are all meant as `ssh_keys`. */
function normalise(name: string): string {
  return name.replace(/[_\s-]/g, "").toLowerCase();
}

/** Levenshtein distance in which two neighbours swapped count as one edit, row by row of its table. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
