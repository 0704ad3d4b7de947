import { ERROR_CODES, type ErrorCode } from "../../domain/error-codes.ts";
import { LIMITS } from "../../domain/limits.ts";
import { SCOPES } from "../scopes.ts";
import { ERROR_TEXTS } from "./error-texts.ts";
import { PUBLISHED_ADDRESS } from "./published-address.ts";

/** What one reads before the first call; and a section for every error code, which its `docs_url` opens. */
export function introduction(): string {
  return [
    `Interact with the CloudNexus infrastructure programmatically: a REST API that speaks JSON. All requests go to \`${PUBLISHED_ADDRESS}/v1\`.`,
    FIRST_REQUEST,
    "# Authentication",
    AUTHENTICATION,
    [
      "| scope | lets a key |",
      "|---|---|",
      ...Object.entries(SCOPES).map(([scope, what]) => `| \`${scope}\` | ${what} |`),
    ].join("\n"),
    "# Requests and answers",
    ANSWERS,
    "# Lists",
    LISTS,
    "# Repeating a request",
    REPEATING,
    "# Things that take time",
    TIME,
    "# The command line",
    COMMAND_LINE,
    "# Errors",
    ERRORS,
    ...(Object.keys(ERROR_CODES) as ErrorCode[]).map(errorSection),
  ].join("\n\n");
}

const FIRST_REQUEST = `\`\`\`sh
curl ${PUBLISHED_ADDRESS}/v1/servers -H "Authorization: Bearer $CLOUDNEXUS_API_KEY"
\`\`\``;

const AUTHENTICATION = `Every call but those of the chapter *Service* needs an API key: \`Authorization: Bearer cn_live_sk_…\`. Keep it out of client-side code and repositories; take it from the environment.

A key is good for one account, and for what its scopes allow; \`*\` allows everything. The chapter *API keys* is about making, rolling and revoking them. What belongs to another account does not exist for it: 404.`;

const ANSWERS = `Success is \`{"status": "success", "data": …, "meta": {"request_id", "timestamp"}}\`, failure \`{"status": "error", "error": {"code", "message", "details", "docs_url"}, "meta": …}\`. Fields may be added to answers: ignore those you don't know. A request with a field or parameter that we don't know is refused, with the name that was probably meant.

Times are UTC, RFC 3339. Ids are opaque; their prefix names what they are of (\`srv_\`, \`db_\`, \`key_\`, \`ak_\`, \`act_\`). Every \`GET\` also answers \`HEAD\`.`;

const LISTS = `Lists come newest first, in pages of ${LIMITS.perPageDefault}, at most ${LIMITS.perPageMax}: \`page\` and \`per_page\`. \`meta.pagination\` tells how many there are, and the header \`Link\` where the neighbours are. To read a long list whole, follow \`meta.pagination.next_cursor\` with \`?cursor=\`: it neither skips nor repeats, whatever is made meanwhile. The catalogue is not paged.`;

const REPEATING = `Send an \`Idempotency-Key\` of your own making (a UUID, say) with every POST, PATCH and DELETE. If the connection breaks, send the same request with the same key again: within ${LIMITS.idempotencyKeyTtlDays} days it has its effect once. The answer then is the outcome as it is now, with \`Idempotent-Replayed: true\`.`;

const TIME = `A create or a change answers before it is done, with an \`action_id\`. \`GET /v1/actions/{id}?wait=30\` holds its answer until the action has ended. An action that fails undoes what it did; why is in its \`error\`, and in that of the resource. One action at a time runs on a resource; a delete wins over whatever runs.`;

const COMMAND_LINE = `Every call is a command of \`cloudnexus\`, which is in the installation's checkout:

\`\`\`sh
alias cloudnexus='npm run --silent cloudnexus --'
cloudnexus list-servers --status active
\`\`\`

It reads \`CLOUDNEXUS_API_KEY\` and \`CLOUDNEXUS_URL\`, prints the answer, and ends with 1 if the answer is a failure. \`cloudnexus help\` lists the commands, \`cloudnexus help create-server\` what one takes.`;

const ERRORS = `Decide by \`code\`; \`message\` is for people and may change. \`details\` lists every wrong field at once. Where a code says that a retry may help, wait as long as \`Retry-After\` says, else with growing pauses, and send the same \`Idempotency-Key\`.

| HTTP | when |
|---|---|
| 400 Bad Request | Missing or invalid parameters. |
| 401 Unauthorized | Invalid or missing API key. |
| 403 Forbidden | Insufficient permissions for this action. |
| 404 Not Found | The requested resource does not exist. |
| 405, 413, 415 | Wrong method, body too large, body not JSON. |
| 409 Conflict | It does not fit with what there is: a name, a status, a running action, an earlier request. |
| 429 Too Many Requests | Rate limit exceeded. Back off and retry. |
| 500 Server Error | Something went wrong on CloudNexus's end. |
| 503 Service Unavailable | No capacity, or a part is missing at the moment. |`;

function errorSection(code: ErrorCode): string {
  const { httpStatus, retryable } = ERROR_CODES[code];
  const { meaning, actor } = ERROR_TEXTS[code];
  return `## ${code}\n\n${meaning}\n\n**HTTP ${httpStatus}** · **Who acts:** ${actor} · **Retry:** ${retryable ? "may help" : "changes nothing"}`;
}
