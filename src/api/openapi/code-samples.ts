import type { SampleRequest } from "./sample-request.ts";

interface CodeSample {
  lang: string;
  label: string;
  source: string;
}

/** The same request in every way in which it is usually sent; each runs as it stands, given an API key in the environment. */
export function codeSamples(request: SampleRequest): CodeSample[] {
  return [
    { lang: "shell", label: "cURL", source: curl(request) },
    { lang: "javascript", label: "Node.js", source: node(request) },
    { lang: "python", label: "Python", source: python(request) },
    { lang: "bash", label: "CLI", source: cli(request) },
  ];
}

const KEY = "CLOUDNEXUS_API_KEY";

function curl({ method, url, body, needsKey, isStream }: SampleRequest): string {
  const parts = [`curl ${isStream ? "-N " : ""}${method === "GET" ? "" : `-X ${method} `}${inShell(url)}`];
  if (needsKey) parts.push(`-H "Authorization: Bearer $${KEY}"`);
  if (method !== "GET") parts.push(`-H "Idempotency-Key: $(uuidgen)"`);
  if (body) parts.push(`-H "Content-Type: application/json"`, `-d ${quoted(JSON.stringify(body, null, 2))}`);
  return parts.join(" \\\n  ");
}

function node({ method, url, body, needsKey, isText, isStream }: SampleRequest): string {
  const headers = [
    ...(needsKey ? [`Authorization: \`Bearer \${process.env.${KEY}}\``] : []),
    ...(method === "GET" ? [] : [`"Idempotency-Key": crypto.randomUUID()`]),
    ...(body ? [`"Content-Type": "application/json"`] : []),
  ];
  const options = [
    ...(method === "GET" ? [] : [`  method: "${method}",`]),
    ...(headers.length > 0 ? ["  headers: {", ...headers.map((header) => `    ${header},`), "  },"] : []),
    ...(body ? [`  body: JSON.stringify(${indented(javascript(body), 2)}),`] : []),
  ];
  const call = options.length === 0 ? `fetch("${url}")` : `fetch("${url}", {\n${options.join("\n")}\n})`;
  if (isStream) {
    const pieces = "response.body.pipeThrough(new TextDecoderStream())";
    return `const response = await ${call};\nfor await (const text of ${pieces}) process.stdout.write(text);`;
  }
  if (isText) return `const response = await ${call};\nconst text = await response.text();`;
  const unpacked = needsKey
    ? "const { data, error } = await response.json();"
    : "const answer = await response.json();";
  const check = needsKey ? "\nif (error) throw new Error(`${error.code}: ${error.message}`);" : "";
  return `const response = await ${call};\n${unpacked}${check}`;
}

function python({ method, url, body, needsKey, isText, isStream }: SampleRequest): string {
  const headers = [
    ...(needsKey ? [`"Authorization": f"Bearer {os.environ['${KEY}']}"`] : []),
    ...(method === "GET" ? [] : [`"Idempotency-Key": str(uuid.uuid4())`]),
  ];
  const options = [
    ...(headers.length > 0 ? ["    headers={", ...headers.map((header) => `        ${header},`), "    },"] : []),
    ...(isStream ? ["    stream=True,"] : []),
    ...(body ? [`    json=${indented(JSON.stringify(body, null, 4), 4)},`] : []),
  ];
  const imports = [
    ...(needsKey ? ["import os"] : []),
    ...(method === "GET" ? [] : ["import uuid"]),
    ...(needsKey ? [""] : []),
    "import requests",
  ];
  const target = `requests.${method.toLowerCase()}(`;
  const call = options.length === 0 ? `${target}"${url}")` : `${target}\n    "${url}",\n${options.join("\n")}\n)`;
  const unpacked = isStream
    ? "for line in response.iter_lines(decode_unicode=True):\n    print(line)"
    : isText
      ? "text = response.text"
      : needsKey
        ? `data = response.json()["data"]`
        : "answer = response.json()";
  return `${imports.join("\n")}\n\nresponse = ${call}\nresponse.raise_for_status()\n${unpacked}`;
}

function cli({ command, id, query, body }: SampleRequest): string {
  const options = Object.entries({ ...query, ...body }).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(",") : typeof value === "string" ? value : JSON.stringify(value);
    return `--${name.replaceAll("_", "-")} ${inShell(text)}`;
  });
  return [`cloudnexus ${command}${id === null ? "" : ` ${id}`}`, ...options].join(" \\\n  ");
}

function inShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** JSON with the keys as a programmer writes them. */
function javascript(value: object): string {
  return JSON.stringify(value, null, 2).replace(/^(\s*)"([a-z_]+)":/gim, "$1$2:");
}

/** All lines but the first moved to the right. */
function indented(text: string, by: number): string {
  return text.replaceAll("\n", `\n${" ".repeat(by)}`);
}
