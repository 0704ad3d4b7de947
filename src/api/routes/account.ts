import { endpoint } from "../endpoint.ts";
import { ACCOUNT } from "../examples.ts";
import { accountSchema, accountView } from "../views/account.ts";

const read = endpoint({
  method: "get",
  path: "/v1/account",
  scopes: "any",
  answers: { 200: { description: "The account of the API key.", data: accountSchema, example: ACCOUNT } },
  docs: {
    operationId: "getAccount",
    tag: "Account",
    summary: "Show the account",
    description:
      "Whose the API key is, and how much of what the account may have is used. Servers and databases count from the moment they are accepted until their delete has ended; one that has failed counts for nothing. " +
      "The limits are set by the operator of the installation.",
    costs: "Nothing.",
  },
  async handle({ services, context }) {
    return { status: 200, data: accountView(await services.getAccount(context.principal)) };
  },
});

export const accountEndpoints = [read];
