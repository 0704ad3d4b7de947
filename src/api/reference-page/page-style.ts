/** Fonts of the reader's system. Patterns are for programs: what they demand is in the descriptions. */
export const PAGE_STYLE = `
:root {
  --scalar-font: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif;
  --scalar-font-code: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
.property-detail:has(> code.property-detail-value) { display: none; }
.property-detail:has(> code.property-detail-value) + * { margin-inline-start: 9px; }
/* With the fonts of many systems, underscores are below a line as high as its letters. */
.markdown-summary, .markdown-summary * { line-height: 1.5 !important; }
`;
