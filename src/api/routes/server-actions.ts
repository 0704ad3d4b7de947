import { endpoint } from "../endpoint.ts";
import { CREATE_SERVER_ACTION, REBOOT_ACTION } from "../examples.ts";
import { serverActionBody, serverActionIssues, toServerActionRequest } from "../schemas/server.ts";
import { acceptedAction, actionSchema } from "../views/action.ts";
import { historyEndpoint } from "./resource-actions.ts";

const act = endpoint({
  method: "post",
  path: "/v1/servers/:id/actions",
  scopes: ["servers:write"],
  id: "server",
  body: serverActionBody,
  answers: {
    202: { description: "The action, under way.", data: actionSchema, example: REBOOT_ACTION, hasLocation: true },
  },
  errors: {
    quota_exceeded: "With `retry` and `resize`: your account has no room for it; `details` name what is missing.",
    resource_busy: "Another action runs on the server; `details` has its id.",
    invalid_status: "The server is not in the status that the action needs; the message names both.",
  },
  docs: {
    operationId: "runServerAction",
    tag: "Servers",
    summary: "Start, stop, reboot, suspend, resume, retry, resize, rebuild",
    description: [
      "| type | needs | does |",
      "|---|---|---|",
      "| `start` | active | switches it on; one that is on is left alone |",
      "| `stop` | active | asks the guest to shut down, and switches it off after 30 seconds; one that is off is left alone |",
      "| `reboot` | active | the same, and boots it again; one that is off is switched on |",
      "| `suspend` | active | stops it and makes it `suspended`; disk, address, keys and capacity stay, and it can only be resumed or deleted |",
      "| `resume` | suspended | switches it on and makes it `active` |",
      "| `retry` | failed | creates it once more, as a new attempt of the same server: same id, name, image, keys and user data; the address may be another |",
      "| `resize` | active | gives it the size of `plan`, running or not; a disk can only grow |",
      "| `rebuild` | active | gives it a new disk from `image`, and switches it on: **everything on the old disk is lost**; id, address, keys and user data stay, the host key is new, and the host name is the server's name of now |",
      "",
      "`power_state` is how it is once the action has ended. `start`, `reboot` and `resume` have succeeded when it is switched on: it answers over SSH some seconds later. An action that fails is undone: the server is on or off as it was, with the reason in `error`.",
      "",
      "A `resize` takes no restart: CPU, memory and disk are there within a moment, and programs that look at their size only when they start have to be restarted to use it. Memory that is in use can't be taken away: that fails, and nothing is changed.",
      "",
      "A `rebuild` can't be undone once its step `rebuild_instance` has begun. If a later step fails, the server gets a new disk of the image that it had.",
    ].join("\n"),
    costs:
      "Nothing, but `resize`, after which the new plan's price, capacity and share of your quota count. A server that is stopped or suspended goes on costing its price and capacity.",
    sample: { body: { type: "reboot" } },
  },
  checkReferences: (fields) => Promise.resolve(serverActionIssues(fields)),
  async handle({ services, id, body, context }) {
    return acceptedAction(await services.actOnServer(id, toServerActionRequest(body), context));
  },
});

const history = historyEndpoint("server", {
  operationId: "listServerActions",
  tag: "Servers",
  example: CREATE_SERVER_ACTION,
});

export const serverActionEndpoints = [act, history];
