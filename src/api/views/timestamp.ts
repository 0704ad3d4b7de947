/** UTC in whole seconds, as published: `2025-05-22T10:42:00Z`. */
export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
