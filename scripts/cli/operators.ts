/** What operators type, and the command it stands for. */
const SHORT = {
  queues: "list-queues",
  regions: "list-region-states",
  "accounts list": "list-accounts",
  "accounts show": "show-account",
  "accounts create": "create-account",
  "accounts set-limits": "set-account-limits",
  "accounts suspend": "suspend-account",
  "accounts resume": "resume-account",
  "keys list": "list-account-keys",
  "keys create": "create-account-key",
  "keys revoke": "revoke-account-key",
} as const;

/** For the help. */
export const OPERATOR_COMMANDS = [
  ["queues", "Operators: what waits in the task queues, for how long, and how many workers ask for it"],
  ["regions", "Operators: how full the regions are, and how the latest audit found them"],
  ["accounts list|show ID", "Operators: accounts, and what one may have and has"],
  ["accounts create --name NAME", "Operators: an account with its first key, shown once; --reason TEXT"],
  ["accounts set-limits ID", "Operators: --servers N, --servers null for the installation's, and so on; --reason TEXT"],
  ["accounts suspend|resume ID", "Operators: refuses every call with its keys, or takes them again; --reason TEXT"],
  ["keys list ACCOUNT", "Operators: the keys of an account"],
  ["keys create ACCOUNT --name NAME --scopes A,B", "Operators: a key for it, shown once; --reason TEXT"],
  ["keys revoke KEY", "Operators: revokes a key of any account; --reason TEXT"],
] as const;

/** The command line in full. */
export function inFull(words: string[]): string[] {
  const [first = "", second = "", ...rest] = words;
  const shortOfTwo = Object.entries(SHORT).find(([short]) => short === `${first} ${second}`);
  if (shortOfTwo) return [shortOfTwo[1], ...rest];
  const shortOfOne = Object.entries(SHORT).find(([short]) => short === first);
  return shortOfOne ? [shortOfOne[1], ...words.slice(1)] : words;
}
