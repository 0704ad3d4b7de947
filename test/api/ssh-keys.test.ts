import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { effect, PRINCIPAL, READ_ONLY_KEY, SSH_KEY } from "./services-double.ts";

const BODY = { name: "laptop", public_key: SSH_KEY.publicKey };
const PATH = `/v1/ssh_keys/${SSH_KEY.id}`;

describe("POST /v1/ssh_keys", () => {
  it("201 answers with the key and its fingerprint", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/ssh_keys", { body: BODY });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(PATH);
    expect(answer.body.data).toEqual({
      id: SSH_KEY.id,
      name: "laptop",
      public_key: SSH_KEY.publicKey,
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
      created_at: "2025-05-22T10:42:00Z",
    });
    expect(api.services.createSshKey.mock.calls[0]?.[0]).toEqual({ name: "laptop", publicKey: SSH_KEY.publicKey });
  });

  it("400 reports a wrong name, a wrong key and an unknown field together", async () => {
    const api = await startApi();
    const body = { name: "my laptop", public_key: "ssh-dss AAAA", publicKey: "x" };
    const answer = await api.request("POST", "/v1/ssh_keys", { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["name", "public_key", "publicKey"]);
    expect(issueOf(answer, "publicKey")).toContain("did you mean public_key?");
  });

  it("400 says that a private key is one, echoes none of it and logs none of it", async () => {
    const api = await startApi();
    const secret = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ";
    const public_key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const answer = await api.request("POST", "/v1/ssh_keys", { body: { name: "laptop", public_key } });
    expect(answer.status).toBe(400);
    expect(issueOf(answer, "public_key")).toContain("private key");
    expect(JSON.stringify(answer.body)).not.toContain(secret);
    expect(api.logLines.join("")).not.toContain(secret);
  });

  it("409 for a key that the account has already", async () => {
    const api = await startApi({ createSshKey: () => Promise.reject(new DomainError("ssh_key_exists")) });
    const answer = await api.request("POST", "/v1/ssh_keys", { body: BODY });
    expect(answer.status).toBe(409);
    expect(answer.body.error?.code).toBe("ssh_key_exists");
  });

  it("403 names the scope", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/ssh_keys", { body: BODY, apiKey: READ_ONLY_KEY });
    expect(answer.status).toBe(403);
    expect(answer.body.error?.message).toContain("ssh_keys:write");
  });
});

describe("GET /v1/ssh_keys", () => {
  it("200 answers a page", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/v1/ssh_keys?per_page=1");
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject([{ id: SSH_KEY.id }]);
    expect(answer.body.meta.pagination).toMatchObject({ page: 1, per_page: 1, total: 1, total_pages: 1 });
    expect(answer.headers.get("link")).toContain("</v1/ssh_keys?per_page=1&page=1>");
  });

  it("400 for a filter it does not have", async () => {
    const api = await startApi();
    expect(wrongFields(await api.request("GET", "/v1/ssh_keys?status=active"))).toEqual(["status"]);
  });
});

describe("GET and DELETE /v1/ssh_keys/{id}", () => {
  it("GET: 200 shows the key", async () => {
    const api = await startApi();
    expect((await api.request("GET", PATH)).body.data).toMatchObject({ id: SSH_KEY.id, public_key: SSH_KEY.publicKey });
    expect(api.services.getSshKey).toHaveBeenCalledWith(SSH_KEY.id, PRINCIPAL);
  });

  it("DELETE: 200 with nothing left to show", async () => {
    const api = await startApi();
    const answer = await api.request("DELETE", PATH);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: "success", data: null });
  });

  it("DELETE: says when it is a repetition", async () => {
    const api = await startApi({ deleteSshKey: () => Promise.resolve(effect(null, true)) });
    const answer = await api.request("DELETE", PATH, { headers: { "Idempotency-Key": "once" } });
    expect(answer.headers.get("idempotent-replayed")).toBe("true");
  });

  it.each([["GET"], ["DELETE"]])("%s: 404 for what is no key id", async (method) => {
    const api = await startApi();
    expect((await api.request(method, "/v1/ssh_keys/key_8f3k29")).status).toBe(404);
  });
});
