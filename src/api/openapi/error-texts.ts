import type { ErrorCode } from "../../domain/error-codes.ts";

/** What a code means and who has to act, for people: the reference page, and the tables of docs/errors.md. */
export const ERROR_TEXTS: Record<ErrorCode, { meaning: string; actor: string }> = {
  validation_failed: {
    meaning: "Fields, query parameters or headers are wrong; `details` names them all.",
    actor: "you: correct them",
  },
  malformed_request: {
    meaning: "What came is not valid HTTP. The connection is closed.",
    actor: "you: use an HTTP client",
  },
  malformed_json: {
    meaning: "The body is not JSON, not UTF-8, or ended early.",
    actor: "you: send valid JSON",
  },
  unauthorized: {
    meaning: "The API key is missing, mistyped, expired or revoked.",
    actor: "you: send `Authorization: Bearer cn_live_sk_…`",
  },
  forbidden: {
    meaning: "The API key lacks the scope that the message names.",
    actor: "you: use a key that has it",
  },
  account_suspended: {
    meaning:
      "The operator of the installation has suspended the account: all its keys are refused. What it has keeps running.",
    actor: "operator: resume it, once the reason is gone",
  },
  quota_exceeded: {
    meaning: "The account may not have that much; `details` name each limit, what is used of it and what was asked.",
    actor: "you: delete what you don't need; operator: raise the limit",
  },
  not_found: {
    meaning: "No such path, or your account has no such resource (any more).",
    actor: "you: check the id",
  },
  method_not_allowed: {
    meaning: "The path exists, not with this method; `Allow` lists its methods.",
    actor: "you: use one of them",
  },
  request_timeout: {
    meaning: "The headers were not complete within 10 s, or the request not within 30 s. The connection is closed.",
    actor: "you: send it faster",
  },
  name_taken: {
    meaning: "Another living resource of this kind in your account has the name.",
    actor: "you: choose another name",
  },
  ssh_key_exists: {
    meaning: "Your account has this public key already.",
    actor: "you: use the existing one",
  },
  last_owner_key: {
    meaning:
      "It is the account's last key with full access that does not expire: without it nobody could manage the account.",
    actor: "you: make another one first",
  },
  idempotency_key_reused: {
    meaning: "The Idempotency-Key was used for another body or path within 7 days.",
    actor: "you: one key per intention",
  },
  request_in_progress: {
    meaning: "The first request with this Idempotency-Key is still being processed.",
    actor: "nobody: ask again in a moment",
  },
  invalid_status: {
    meaning: "The resource is not in the status that the action needs; the message names both.",
    actor: "you: bring it into that status first",
  },
  not_cancellable: {
    meaning: "Only a create that is still running can be cancelled; the message says what this action is.",
    actor: "you: wait for its end, or delete the resource",
  },
  resource_busy: {
    meaning: "Another action runs on the resource; `details` has its id under `action_id`.",
    actor: "nobody: wait for that action",
  },
  payload_too_large: {
    meaning: "The body is larger than 256 KiB.",
    actor: "you: send less",
  },
  unsupported_media_type: {
    meaning: "The body is not `application/json` in UTF-8, or is compressed.",
    actor: "you: send plain JSON",
  },
  rate_limit_exceeded: {
    meaning:
      "The API key has used up its points, or too many requests without a valid key came from your address. `Retry-After` says when there are new ones.",
    actor: "you: slow down, wait as told",
  },
  too_many_streams: {
    meaning: "The account has 20 streams of events open at this API process.",
    actor: "you: close those you don't read; one is enough for a program",
  },
  headers_too_large: {
    meaning: "Request line and headers are larger than 16 KiB. The connection is closed.",
    actor: "you: send less",
  },
  internal_error: {
    meaning: "A fault of ours. The answer gives nothing away; the log line with its request id has the cause.",
    actor: "operator: read the log",
  },
  no_capacity: {
    meaning: "The region has no free address, or not enough CPU, memory or disk for the plan. Nothing was made.",
    actor: "you: another region or plan; operator: add capacity",
  },
  overloaded: {
    meaning: "More is asked of the API at once than it can do in time. Nothing of the request was done.",
    actor: "you: send it again in a moment; operator: start another API process",
  },
  service_unavailable: {
    meaning: "The API can't do its work at the moment; `GET /readyz` says which part is missing.",
    actor: "operator: bring that part back",
  },
  image_unavailable: {
    meaning: "The region can't provide the image at the moment.",
    actor: "you: another image or region; operator: import it",
  },
  ssh_key_unavailable: {
    meaning: "An SSH key was deleted before it reached the server.",
    actor: "you: create the server with keys that exist",
  },
  address_in_use: {
    meaning: "Something else on the region's network uses the address that was allocated.",
    actor: "operator: find what uses it",
  },
  instance_conflict: {
    meaning: "An object that is not ours bears the resource's name in the region. It was not touched.",
    actor: "operator: remove or rename it",
  },
  instance_rejected: {
    meaning: "The region refused the configuration of the instance.",
    actor: "operator: compare plan and region configuration",
  },
  storage_full: {
    meaning: "The region's storage pool is full.",
    actor: "operator: add storage",
  },
  boot_timeout: {
    meaning: "It started and did not answer in time: a server over SSH, a database over TLS on its port.",
    actor: "you: check `user_data`; operator: check image and network",
  },
  engine_setup_failed: {
    meaning: "The agent inside a database's instance could not configure the engine.",
    actor: "operator: read the action's step and the agent's log",
  },
  engine_refused: {
    meaning:
      "A database engine is up and refused the control plane's check: its password, or the certificate that it shows, is not the one that was given.",
    actor: "operator: read the log, look at the instance",
  },
  infrastructure_unavailable: {
    meaning: "The hosts of the region don't answer.",
    actor: "operator: bring the region back",
  },
  infrastructure_unauthorized: {
    meaning: "The hosts of the region refuse our credentials.",
    actor: "operator: renew certificate or trust",
  },
  infrastructure_error: {
    meaning: "The hosts of the region reported something unexpected.",
    actor: "operator: read the log",
  },
  instance_missing: {
    meaning:
      "The resource's instance was removed, not by a request of yours. While its status is `active` or `suspended` it may come back; once it is `failed` it will not.",
    actor:
      "operator: bring the instance back, or let the auditor end it; you: `retry` or delete it once it is `failed`",
  },
  deadline_exceeded: {
    meaning:
      "The action did not end by its deadline. It was undone; of a delete the rest is done by another `DELETE`. Its step, and the message there, tell what it waited for.",
    actor: "operator: read the step, bring back what did not answer",
  },
  resource_deleted: {
    meaning: "The resource was deleted while the action ran.",
    actor: "nobody",
  },
  cancelled: {
    meaning: "The action was cancelled and undone, by a delete or by hand.",
    actor: "nobody",
  },
};
