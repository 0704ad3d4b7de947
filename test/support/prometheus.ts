/** The metrics in a text of Prometheus' format: each name with the labels of its series. */
export function samplesIn(text: string): { name: string; labels: Record<string, string>; value: number }[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name = "", labels = "", value = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (name === "") throw new Error(`no sample: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

const WORDS = new Set([
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "and",
  "or",
  "unless",
  "bool",
  "offset",
]);

/** The metrics that an expression of PromQL asks for, with the labels that it names. Functions, and everything in braces, brackets or a `by (…)`, are none. */
export function askedIn(expression: string): { names: string[]; labels: string[] } {
  const labels: string[] = [];
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{([^}]*)\}/g, (_, matchers: string) => {
      labels.push(...[...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label));
      return "";
    })
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, list: string) => {
      labels.push(...list.split(",").map((label) => label.trim()));
      return "";
    });
  const names = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\()\b/g)]
    .filter(({ 0: word, index }) => !WORDS.has(word) && !/^\s*\(/.test(bare.slice(index + word.length)))
    .map(([word]) => word);
  return { names: [...new Set(names)], labels: [...new Set(labels)] };
}
