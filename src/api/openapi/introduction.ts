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
    "# Rate limits",
    RATE_LIMITS,
    "# Quotas",
    QUOTAS,
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

Times are UTC, RFC 3339. Ids are opaque; their prefix names what they are of (\`srv_\`, \`db_\`, \`key_\`, \`ak_\`, \`act_\`, \`evt_\`). Every \`GET\` also answers \`HEAD\`.`;

const LISTS = `Lists come newest first, in pages of ${LIMITS.perPageDefault}, at most ${LIMITS.perPageMax}: \`page\` and \`per_page\`. \`meta.pagination\` tells how many there are, and the header \`Link\` where the neighbours are. To read a long list whole, follow \`meta.pagination.next_cursor\` with \`?cursor=\`: it neither skips nor repeats, whatever is made meanwhile. The catalogue is not paged.`;

const REPEATING = `Send an \`Idempotency-Key\` of your own making (a UUID, say) with every POST, PATCH and DELETE. If the connection breaks, send the same request with the same key again: within ${LIMITS.idempotencyKeyTtlDays} days it has its effect once. The answer then is the outcome as it is now, with \`Idempotent-Replayed: true\`.`;

const RATE_LIMITS = `Every call takes points of its API key: a read 1, a change 5, a create of a server or database 20 (\`x-cost\` in the description). Two windows count them, a short one (\`burst\`) and a long one (\`sustained\`); how many points they have is up to the installation. Every answer says where it stands:

| header | says |
|---|---|
| \`RateLimit-Policy\` | the windows: \`"burst";q=3000;w=60, "sustained";q=36000;w=3600\` are 3,000 points in 60 seconds, and 36,000 in an hour |
| \`RateLimit\` | what is left, and for how many seconds: \`"burst";r=2980;t=42, "sustained";r=35100;t=2345\` |
| \`X-RateLimit-Limit\`, \`-Remaining\`, \`-Reset\` | the same of the window with fewest points left; the reset in seconds since 1970 |

A call that finds too few points takes what is left and is refused: 429 with \`Retry-After\`. A key that has used up its points can still delete: \`DELETE\` has a reserve (\`delete\`). Requests without a valid key are counted by address (\`address\`), as is what needs none: the description of the API, this page, paths and methods that there are not (\`documents\`). \`/healthz\` and \`/readyz\` are never limited, and say nothing of it.`;

const QUOTAS = `An account may have only so much: servers, databases, their CPUs, memory and addresses, API keys and SSH keys. \`GET /v1/account\` shows each limit and what is used of it. What would pass one is refused: 403 \`quota_exceeded\`, with the numbers in \`details\`. Servers and databases count until their delete has ended, and not once they have failed.`;

const TIME = `A create or a change answers before it is done, with an \`action_id\`. \`GET /v1/actions/{id}?wait=30\` holds its answer until the action has ended. An action that fails undoes what it did; why is in its \`error\`, and in that of the resource. One action at a time runs on a resource; a delete wins over whatever runs.

\`GET /v1/events\` tells of everything that happens in your account, as it happens.`;

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
| 403 Forbidden | Insufficient permissions for this action, or the account may not have more. |
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
