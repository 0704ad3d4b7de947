import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/domain/limits.ts";
import { startApi, wrongFields } from "./harness.ts";
import { SSH_KEY } from "./services-double.ts";

const SERVER_BODY = {
  name: "web",
  plan: "pro",
  region: "us-east-1",
  image: "debian-12",
  ssh_keys: ["key_8f3k29"],
  user_data: "#cloud-config",
  labels: { env: "test" },
};
const DATABASE_BODY = { name: "db", engine: "postgresql", version: "17", plan: "standard", region: "us-east-1" };
const KEY_BODY = { name: "laptop", public_key: SSH_KEY.publicKey };

/** Every string of every request body, with a way to put another text there. */
const STRINGS: [path: string, field: string, withText: (text: string) => object][] = [
  ["/v1/servers", "name", (text) => ({ ...SERVER_BODY, name: text })],
  ["/v1/servers", "plan", (text) => ({ ...SERVER_BODY, plan: text })],
  ["/v1/servers", "region", (text) => ({ ...SERVER_BODY, region: text })],
  ["/v1/servers", "image", (text) => ({ ...SERVER_BODY, image: text })],
  ["/v1/servers", "ssh_keys[1]", (text) => ({ ...SERVER_BODY, ssh_keys: ["key_8f3k29", text] })],
  ["/v1/servers", "labels.env", (text) => ({ ...SERVER_BODY, labels: { env: text } })],
  ["/v1/servers", "labels", (text) => ({ ...SERVER_BODY, labels: { [text]: "test" } })],
  ["/v1/databases", "name", (text) => ({ ...DATABASE_BODY, name: text })],
  ["/v1/databases", "engine", (text) => ({ ...DATABASE_BODY, engine: text })],
  ["/v1/databases", "version", (text) => ({ ...DATABASE_BODY, version: text })],
  ["/v1/databases", "plan", (text) => ({ ...DATABASE_BODY, plan: text })],
  ["/v1/databases", "region", (text) => ({ ...DATABASE_BODY, region: text })],
  ["/v1/databases", "trusted_sources[0]", (text) => ({ ...DATABASE_BODY, trusted_sources: [text] })],
  ["/v1/databases", "labels.env", (text) => ({ ...DATABASE_BODY, labels: { env: text } })],
  ["/v1/ssh_keys", "name", (text) => ({ ...KEY_BODY, name: text })],
  ["/v1/ssh_keys", "public_key", (text) => ({ ...KEY_BODY, public_key: `${KEY_BODY.public_key}${text}` })],
];

const UNPRINTABLE: [name: string, text: string][] = [
  ["NUL", "a\u0000b"],
  ["a newline", "a\nb"],
  ["a newline at the end", "ab\n"],
  ["a carriage return", "a\rb"],
  ["an escape sequence", "a\u001b[31mb"],
  ["a line separator", "a\u2028b"],
  ["half a surrogate pair", "a\ud800b"],
];

describe.each(STRINGS)("a string of POST %s: %s", (path, field, withText) => {
  it.each(UNPRINTABLE)("is refused with %s in it", async (_name, text) => {
    const api = await startApi();
    const answer = await api.request("POST", path, { body: withText(text) });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
    expect(api.services.createServer).not.toHaveBeenCalled();
    expect(api.services.createDatabase).not.toHaveBeenCalled();
    expect(api.services.createSshKey).not.toHaveBeenCalled();
  });
});

describe("user_data", () => {
  it.each(UNPRINTABLE.filter(([, text]) => !/[\n\r\u2028]/.test(text)))(
    "is refused with %s in it",
    async (_name, text) => {
      const api = await startApi();
      const answer = await api.request("POST", "/v1/servers", { body: { ...SERVER_BODY, user_data: text } });
      expect(answer.status).toBe(400);
      expect(wrongFields(answer)).toEqual(["user_data"]);
    },
  );

  it("is limited in bytes, not characters", async () => {
    const api = await startApi();
    const fits = "é".repeat(LIMITS.userDataMaxBytes / 2);
    const send = (user_data: string) => api.request("POST", "/v1/servers", { body: { ...SERVER_BODY, user_data } });
    expect((await send(fits)).status).toBe(201);
    expect(wrongFields(await send(`${fits}é`))).toEqual(["user_data"]);
  });
});

describe("wrong values", () => {
  const LABELS_33 = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`key${index}`, "x"]));
  it.each([
    ["a name of 64 characters", { name: "n".repeat(64) }, "name"],
    ["an empty name", { name: "" }, "name"],
    ["a name that ends in a dash", { name: "web-" }, "name"],
    ["a number as name", { name: 5 }, "name"],
    ["null as plan", { plan: null }, "plan"],
    ["an object as region", { region: {} }, "region"],
    ["an array as image", { image: ["debian-12"] }, "image"],
    ["a string as ssh_keys", { ssh_keys: "key_8f3k29" }, "ssh_keys"],
    ["a number in ssh_keys", { ssh_keys: [1] }, "ssh_keys[0]"],
    ["the same SSH key twice", { ssh_keys: ["key_8f3k29", "key_8f3k29"] }, "ssh_keys"],
    ["33 SSH keys", { ssh_keys: Array.from({ length: 33 }, (_, index) => `key_${index}`) }, "ssh_keys"],
    ["an array as labels", { labels: ["a"] }, "labels"],
    ["a number as label", { labels: { env: 1 } }, "labels.env"],
    ["a label of 256 characters", { labels: { env: "x".repeat(256) } }, "labels.env"],
    ["33 labels", { labels: LABELS_33 }, "labels"],
  ])("%s is a 400 that names the field", async (_what, wrong, field) => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body: { ...SERVER_BODY, ...wrong } });
    expect(answer.status).toBe(400);
    expect(answer.body.error?.code).toBe("validation_failed");
    expect(wrongFields(answer)).toEqual([field]);
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("a name of 63 characters is right", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body: { ...SERVER_BODY, name: "n".repeat(63) } });
    expect(answer.status).toBe(201);
  });

  it.each([["[]"], ['"text"'], ["17"], ["null"], ["true"]])("the body %s is not an object", async (body) => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body });
    expect(answer.status).toBe(400);
    expect(answer.body.error?.details).toEqual([{ field: "body", issue: "must be a JSON object" }]);
  });

  it("tens of thousands of unknown fields get a short answer", async () => {
    const api = await startApi();
    const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, 0]));
    const answer = await api.request("POST", "/v1/servers", { body: fields });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer).length).toBeLessThanOrEqual(50);
  });

  it("deep nesting is an ordinary wrong type", async () => {
    const api = await startApi();
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const body = JSON.stringify(SERVER_BODY).replace('"web"', deep);
    const answer = await api.request("POST", "/v1/servers", { body, headers: { "Idempotency-Key": "deep" } });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["name"]);
  });
});

describe("what is not JSON", () => {
  it.each([
    ["prose", "name=web"],
    ["a truncated object", '{"name":"web"'],
    ["a raw newline in a string", '{"name":"we\nb"}'],
    ["a raw NUL in a string", '{"name":"we\u0000b"}'],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])("%s is malformed_json and is not echoed", async (_what, body) => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: "malformed_json", details: [] });
    // The id of the request may have any letters.
    expect(JSON.stringify(answer.body.error)).not.toContain("web");
  });

  it.each([
    ["__proto__ in the body", `{"__proto__":{"plan":"pro"},${JSON.stringify(SERVER_BODY).slice(1)}`, "__proto__"],
    ["constructor in the body", JSON.stringify({ ...SERVER_BODY, constructor: {} }), "constructor"],
    ["__proto__ among the labels", JSON.stringify(SERVER_BODY).replace('"env"', '"__proto__"'), "labels"],
  ])("%s is an unknown name and changes nothing", async (_what, body, field) => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
    expect(({} as Record<string, unknown>)["plan"]).toBeUndefined();
  });

  it("of a doubled key the last one is checked and used", async () => {
    const api = await startApi();
    const send = (body: string) => api.request("POST", "/v1/servers", { body });
    expect(wrongFields(await send(JSON.stringify(SERVER_BODY).replace("}", '},"plan":"huge"')))).toEqual(["plan"]);
    expect((await send(`{"plan":"huge",${JSON.stringify(SERVER_BODY).slice(1)}`)).status).toBe(201);
    expect(api.services.createServer.mock.lastCall?.[0].plan).toBe("pro");
  });
});

describe("413 and 415", () => {
  it("a body of 1 MB is too large", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", {
      body: { ...SERVER_BODY, user_data: "x".repeat(1_000_000) },
    });
    expect(answer.status).toBe(413);
    expect(answer.body.error?.code).toBe("payload_too_large");
  });

  it.each([
    ["text", "text/plain"],
    ["a form", "application/x-www-form-urlencoded"],
    ["another JSON type", "application/problem+json"],
    ["another charset", "application/json; charset=iso-8859-1"],
  ])("%s as content type is unsupported", async (_what, contentType) => {
    const api = await startApi();
    const headers = { "Content-Type": contentType };
    const answer = await api.request("POST", "/v1/servers", { body: JSON.stringify(SERVER_BODY), headers });
    expect(answer.status).toBe(415);
    expect(answer.body.error?.code).toBe("unsupported_media_type");
  });

  it("a compressed body is unsupported", async () => {
    const api = await startApi();
    const headers = { "Content-Encoding": "gzip" };
    const answer = await api.request("POST", "/v1/servers", { body: "not really", headers });
    expect(answer.status).toBe(415);
  });
});
