import { readdirSync, readFileSync } from "node:fs";

/** The runbooks as tests read them: sections by their heading, and the commands in them. */

const FOLDER = new URL("../../docs/runbooks/", import.meta.url);

/** setup and names: what a shell needs first. look, over: change nothing. host: on a host of a region. None: what to do. */
type BlockKind = "setup" | "names" | "look" | "over" | "host" | "do";

export interface Block {
  kind: BlockKind;
  /** As it would be pasted into a shell. */
  script: string;
}

export interface Section {
  file: string;
  /** An alarm or an error code. */
  heading: string;
  text: string;
  blocks: Block[];
}

export function readRunbook(file: string): string {
  return readFileSync(new URL(file, FOLDER), "utf8");
}

/** What is under headings of the third level. */
export function sectionsOf(file: string): Section[] {
  const [, ...parts] = readRunbook(file).split(/^### /m);
  return parts.map((part) => {
    const end = part.search(/^## /m);
    const [heading = "", ...lines] = (end < 0 ? part : part.slice(0, end)).split("\n");
    const text = lines.join("\n");
    return { file, heading, text, blocks: blocksOf(text) };
  });
}

const FENCE = /^([ ]*)```sh([ \w]*)\n([\s\S]*?)^\1```$/gm;

export function blocksOf(text: string): Block[] {
  return [...text.matchAll(FENCE)].map(([, indent = "", kind = "", body = ""]) => ({
    kind: (kind.trim() || "do") as BlockKind,
    script: body
      .split("\n")
      .map((line) => line.slice(indent.length))
      .join("\n"),
  }));
}

/** Every command of ours in the text, in blocks and in the middle of sentences, without what follows a pipe or a comment. */
export function commandLines(text: string, program: string): string[] {
  const spans = [...text.replaceAll(FENCE, "").matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  const lines = [...blocksOf(text).flatMap(({ script }) => script.split("\n")), ...spans];
  return lines
    .map((line) => line.trim().replace(/\s+#.*$/, ""))
    .filter((line) => line.startsWith(`${program} `))
    .map((line) => line.replace(/ \|\|? .*$/, ""));
}

/** As a shell takes a line apart, with what its variables stand for. */
export function shellWords(line: string, variables: Record<string, string>): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) =>
    single === undefined ? expand(double ?? plain ?? "", variables) : single,
  );
}

function expand(word: string, variables: Record<string, string>): string {
  return word.replace(/\$\{?([A-Z_]+)\}?/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`the runbooks say nothing of $${name}`);
    return value;
  });
}

/** All that the sources of a folder say. */
export function sourcesOf(folder: string): string {
  const root = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated/"))
    .map((file) => readFileSync(new URL(file, root), "utf8"))
    .join("\n");
}
