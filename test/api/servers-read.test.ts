import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { ACTION, PRINCIPAL, READ_ONLY_KEY, SERVER } from "./services-double.ts";

describe("GET /v1/servers: 200", () => {
  it("answers a page with meta.pagination and links to its neighbours", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/v1/servers?page=2&status=active");

    expect(answer.status).toBe(200);
    expect(answer.body.data).toHaveLength(1);
    expect(answer.body.meta.pagination).toEqual({
      page: 2,
      per_page: 20,
      total: 45,
      total_pages: 3,
      next_cursor: "bmV4dA",
    });
    expect(answer.headers.get("link")).toBe(
      [
        '</v1/servers?status=active&per_page=20&page=1>; rel="first"',
        '</v1/servers?status=active&per_page=20&page=1>; rel="prev"',
        '</v1/servers?status=active&per_page=20&page=3>; rel="next"',
        '</v1/servers?status=active&per_page=20&page=3>; rel="last"',
      ].join(", "),
    );
  });

  it("asks for page 1 of 20 by default", async () => {
    const api = await startApi();
    await api.request("GET", "/v1/servers");
    const filter = { status: null, region: null, name: null, label: null };
    expect(api.services.listServers).toHaveBeenCalledWith(filter, { page: 1, perPage: 20, cursor: null }, PRINCIPAL);
  });

  it("passes every filter on", async () => {
    const api = await startApi();
    const label = encodeURIComponent("team/env=a=b");
    await api.request("GET", `/v1/servers?status=suspended&region=eu-west-2&name=web&label=${label}&per_page=100`);
    expect(api.services.listServers).toHaveBeenCalledWith(
      { status: "suspended", region: "eu-west-2", name: "web", label: { key: "team/env", value: "a=b" } },
      { page: 1, perPage: 100, cursor: null },
      PRINCIPAL,
    );
  });

  it("goes on by cursor, without numbers to go back to", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/v1/servers?cursor=YQ&per_page=5");
    expect(api.services.listServers.mock.calls[0]?.[1]).toEqual({ page: 1, perPage: 5, cursor: "YQ" });
    expect(answer.headers.get("link")).toBe(
      '</v1/servers?per_page=5&page=1>; rel="first", </v1/servers?per_page=5&cursor=bmV4dA>; rel="next"',
    );
  });

  it("shows the items that several requests share to each, with its own id and pagination", async () => {
    const items = [SERVER];
    const api = await startApi({
      listServers: (_filter, { page, perPage }) =>
        Promise.resolve({
          items: page < 3 ? items : [{ ...SERVER, name: "other" }],
          page,
          perPage,
          total: 60,
          nextCursor: null,
        }),
    });
    const answers = await Promise.all([1, 2, 3].map((page) => api.request("GET", `/v1/servers?page=${page}`)));
    expect(answers.map(({ body }) => (body.data as { name: string }[])[0]?.name)).toEqual([
      SERVER.name,
      SERVER.name,
      "other",
    ]);
    expect(answers.map(({ body }) => body.meta.pagination?.["page"])).toEqual([1, 2, 3]);
    expect(new Set(answers.map(({ body }) => body.meta.request_id)).size).toBe(3);
  });

  it("links to page 1 alone when there is nothing", async () => {
    const api = await startApi({
      listServers: (_filter, { page, perPage }) =>
        Promise.resolve({ items: [], page, perPage, total: 0, nextCursor: null }),
    });
    const answer = await api.request("GET", "/v1/servers");
    expect(answer.body.meta.pagination).toMatchObject({ total: 0, total_pages: 0, next_cursor: null });
    expect(answer.headers.get("link")).toBe(
      '</v1/servers?per_page=20&page=1>; rel="first", </v1/servers?per_page=20&page=1>; rel="last"',
    );
  });
});

describe("GET /v1/servers: 400", () => {
  it.each([
    ["page=0", "page"],
    ["page=-1", "page"],
    ["page=1.5", "page"],
    ["page=1e3", "page"],
    ["page=", "page"],
    ["page=99999999999999999999", "page"],
    ["per_page=0", "per_page"],
    ["per_page=101", "per_page"],
    ["per_page=all", "per_page"],
    ["status=running", "status"],
    ["status=ACTIVE", "status"],
    ["name=a%00b", "name"],
    ["region=a%0Ab", "region"],
    ["label=env", "label"],
    ["cursor=a%00b", "cursor"],
    ["page=1&page=2", "page"],
    ["limit=5", "limit"],
    ["__proto__=5", "__proto__"],
  ])("refuses ?%s", async (query, field) => {
    const api = await startApi();
    const answer = await api.request("GET", `/v1/servers?${query}`);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
    expect(api.services.listServers).not.toHaveBeenCalled();
  });

  it("lists every wrong parameter at once and suggests near names", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/v1/servers?page=x&perpage=5&status=up");
    expect(new Set(wrongFields(answer))).toEqual(new Set(["page", "perpage", "status"]));
    expect(issueOf(answer, "perpage")).toContain("did you mean per_page?");
    expect(issueOf(answer, "status")).toContain("active");
  });
});

describe("GET /v1/servers/{id}", () => {
  it("200 shows the server", async () => {
    const error = {
      code: "boot_timeout",
      message: "Too slow.",
      step: "wait_for_ssh",
      action_id: ACTION.id,
      retryable: true,
    } as const;
    const api = await startApi({ getServer: () => Promise.resolve({ ...SERVER, status: "failed", error }) });
    const answer = await api.request("GET", `/v1/servers/${SERVER.id}`);
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({ id: SERVER.id, status: "failed", error });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("etag")).toBeNull();
  });

  it("200 on HEAD, without a body", async () => {
    const api = await startApi();
    const answer = await api.request("HEAD", `/v1/servers/${SERVER.id}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toBeNull();
  });

  it("400 for any query parameter", async () => {
    const api = await startApi();
    const answer = await api.request("GET", `/v1/servers/${SERVER.id}?expand=all`);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["expand"]);
  });

  it("404 if the account has no such server", async () => {
    const api = await startApi({ getServer: () => Promise.reject(new DomainError("not_found")) });
    const answer = await api.request("GET", `/v1/servers/${SERVER.id}`);
    expect(answer.status).toBe(404);
    expect(answer.body.error?.code).toBe("not_found");
  });

  it.each([["srv_short"], [SERVER.id.toUpperCase()], [ACTION.id], ["..%2f..%2fetc"], ["%00"], ["%ff"], ["1"]])(
    "404 for %s, which is no server id, without a look-up",
    async (id) => {
      const api = await startApi();
      const answer = await api.request("GET", `/v1/servers/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.body.error?.code).toBe("not_found");
      expect(api.services.getServer).not.toHaveBeenCalled();
    },
  );
});

describe("DELETE /v1/servers/{id}", () => {
  it("202 answers with the action", async () => {
    const api = await startApi();
    const answer = await api.request("DELETE", `/v1/servers/${SERVER.id}`);
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/v1/actions/${ACTION.id}`);
    expect(answer.body.data).toMatchObject({
      id: ACTION.id,
      type: "delete",
      resource: { type: "server", id: SERVER.id },
    });
  });

  it("403 with a key that may only read", async () => {
    const api = await startApi();
    const answer = await api.request("DELETE", `/v1/servers/${SERVER.id}`, { apiKey: READ_ONLY_KEY });
    expect(answer.status).toBe(403);
    expect(api.services.deleteServer).not.toHaveBeenCalled();
  });
});
