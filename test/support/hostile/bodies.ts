/** A whole body, as it goes over the wire, that JSON or whoever reads it could be caught by. */
export interface HostileBody {
  what: string;
  path: string;
  body: string | Buffer;
  expected: { code: string; fields: string[] } | { kept: Record<string, unknown> };
}

const SERVER = '"plan":"starter","region":"us-east-1"';
const wrong = (...fields: string[]) => ({ code: "validation_failed", fields });
const malformed = { code: "malformed_json", fields: [] };

export const HOSTILE_BODIES: HostileBody[] = [
  ["a prototype", `{"name":"a","__proto__":{"plan":"starter"},"region":"us-east-1"}`, wrong("plan", "__proto__")],
  ["a constructor", `{"name":"a",${SERVER},"constructor":{"prototype":{"x":1}}}`, wrong("constructor")],
  ["a prototype among the labels", `{"name":"a",${SERVER},"labels":{"__proto__":"x"}}`, wrong("labels")],
  ["a prototype as the labels", `{"name":"a",${SERVER},"labels":{"__proto__":{"x":"y"}}}`, wrong("labels")],
  ["an operator as the name", `{"name":{"$ne":null},${SERVER}}`, wrong("name")],
  ["an array as the name", `{"name":["web"],${SERVER}}`, wrong("name")],
  ["a toString as the name", `{"name":{"toString":"web"},${SERVER}}`, wrong("name")],
  ["a number without end as the name", `{"name":1e999,${SERVER}}`, wrong("name")],
  ["a surrogate cut in half", `{"name":"web\\ud800",${SERVER}}`, wrong("name")],
  ["surrogates the wrong way round", `{"name":"web\\udc00\\ud800",${SERVER}}`, wrong("name")],
  ["NUL, escaped", `{"name":"web\\u0000",${SERVER}}`, wrong("name")],
  ["a doubled key, the last one wrong", `{"name":"web",${SERVER},"name":"$(reboot)"}`, wrong("name")],
  ["a doubled key, escaped the second time", `{"name":"web",${SERVER},"n\\u0061me":"../.."}`, wrong("name")],
  ["an id of ours", `{"id":"srv_aaaaaaaaaaaaaaaaaaaaaaaa","name":"web",${SERVER}}`, wrong("id")],
  ["an account", `{"account_id":"acc_1","accountId":"acc_1","name":"web",${SERVER}}`, wrong("account_id", "accountId")],
  ["the field in capitals", `{"NAME":"web",${SERVER}}`, wrong("name", "NAME")],
  ["the field with a zero-width space", `{"name\u200b":"web",${SERVER}}`, wrong("name", "name\u200b")],
  ["a script as the field", `{"<script>":1,"name":"web",${SERVER}}`, wrong("<script>")],
  ["an array around it", `[{"name":"web",${SERVER}}]`, wrong("body")],
  ["a string around it", JSON.stringify(`{"name":"web",${SERVER}}`), wrong("body")],
  ["a comment", `{"name":"web",${SERVER}/* */}`, malformed],
  ["a comma too many", `{"name":"web",${SERVER},}`, malformed],
  ["single quotes", `{'name':'web',${SERVER}}`, malformed],
  ["NaN", `{"name":NaN,${SERVER}}`, malformed],
  ["two objects", `{"name":"web",${SERVER}}{}`, malformed],
  ["an end too early", `{"name":"web",${SERVER}`, malformed],
  ["YAML", "name: web\nplan: starter\nregion: us-east-1\n", malformed],
  ["an entity of XML", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', malformed],
  ["a raw line end in a string", `{"name":"we\nb",${SERVER}}`, malformed],
  ["UTF-16", Buffer.from(`\ufeff{"name":"web",${SERVER}}`, "utf16le"), malformed],
  ["UTF-8 longer than due", Buffer.from([0x7b, 0x22, 0xc0, 0xae, 0x22, 0x3a, 0x31, 0x7d]), malformed],
  ["a surrogate in UTF-8", Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]), malformed],
].map(([what, body, expected]) => ({ what, path: "/v1/servers", body, expected }) as HostileBody);

/** The last of a doubled key is the one that is checked, stored and shown. */
export const DOUBLED_KEY: HostileBody = {
  what: "a doubled key, the first one wrong",
  path: "/v1/servers",
  body: `{"name":"$(reboot)",${SERVER},"name":"doubled"}`,
  expected: { kept: { name: "doubled" } },
};
