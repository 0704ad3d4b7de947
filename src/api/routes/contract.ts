import { z } from "zod";
import { endpoint } from "../endpoint.ts";

/** `text`: the document as it is served; made once, at start (openapi/served-document.ts). */
export function contractEndpoint(text: string) {
  return endpoint({
    method: "get",
    path: "/v1/openapi.json",
    scopes: null,
    answers: {
      200: {
        description: "An OpenAPI 3.1 document.",
        data: z.looseObject({ openapi: z.string() }),
        example: { openapi: "3.1.1" },
        contentType: "application/json; charset=utf-8",
      },
    },
    docs: {
      operationId: "getOpenapiDocument",
      tag: "Service",
      summary: "Read this description",
      description: "The whole API for programs: what this page is made of, and what client generators take.",
      costs: "Nothing.",
    },
    handle: () => Promise.resolve({ status: 200, data: text }),
  });
}
