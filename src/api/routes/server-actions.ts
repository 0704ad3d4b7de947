import { endpoint } from "../endpoint.ts";
import { REBOOT_ACTION } from "../examples.ts";
import { serverActionBody } from "../schemas/server.ts";
import { acceptedAction, actionSchema } from "../views/action.ts";

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
    resource_busy: "Another action runs on the server; `details` has its id.",
    invalid_status: "The server is not in the status that the action needs; the message names both.",
  },
  docs: {
    operationId: "runServerAction",
    tag: "Servers",
    summary: "Start, stop, reboot, suspend, resume, retry",
    description: [
      "| type | needs | does |",
      "|---|---|---|",
      "| `start` | active | switches it on; one that is on is left alone |",
      "| `stop` | active | asks the guest to shut down, and switches it off after 30 seconds; one that is off is left alone |",
      "| `reboot` | active | the same, and boots it again; one that is off is switched on |",
      "| `suspend` | active | stops it and makes it `suspended`; disk, address, keys and capacity stay, and it can only be resumed or deleted |",
      "| `resume` | suspended | switches it on and makes it `active` |",
      "| `retry` | failed | creates it once more, as a new attempt of the same server: same id, name, image, keys and user data; the address may be another |",
      "",
      "`power_state` is how it is once the action has ended. `start`, `reboot` and `resume` have succeeded when it is switched on: it answers over SSH some seconds later. An action that fails is undone: the server is on or off as it was, with the reason in `error`.",
    ].join("\n"),
    costs: "Nothing. A server that is stopped or suspended goes on costing its price and capacity.",
    sample: { body: { type: "reboot" } },
  },
  async handle({ services, id, body, context }) {
    return acceptedAction(await services.actOnServer(id, body.type, context));
  },
});

export const serverActionEndpoints = [act];
