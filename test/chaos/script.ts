import type { ResourceKind } from "../../src/domain/resource.ts";
import { seeded } from "../support/seeded.ts";
import type { FaultRule } from "../support/simulator.ts";

/** What happens next. Resources are named by their number, in the order of their creates. */
export type Move =
  | { kind: "create"; resource: ResourceKind; number: number; region: string }
  | { kind: "act"; number: number; type: string }
  | { kind: "cancel"; number: number }
  | { kind: "delete"; number: number }
  /** Until the latest action on it has ended. */
  | { kind: "await"; number: number }
  | { kind: "fault"; rule: FaultRule }
  /** The worker dies by SIGKILL; what it did is lost to everybody. */
  | { kind: "kill" }
  | { kind: "revive" };

export interface Script {
  seed: number;
  moves: Move[];
}

const REGIONS = ["us-east-1", "eu-west-2"];
const SERVER_ACTIONS = ["start", "stop", "reboot", "suspend", "resume", "retry", "resize", "rebuild"];
const DATABASE_ACTIONS = ["restart", "suspend", "resume", "retry", "rotate_credentials"];
const MOVES = 30;
const RESOURCES_MAX = 6;

/** Requests that workflows make of a region's hosts; the most frequent ones twice. */
const REQUESTS = [
  { method: "POST", path: "/1.0/instances" },
  { method: "GET", path: "/1.0/instances/*" },
  { method: "PUT", path: "/1.0/instances/*/state" },
  { method: "POST", path: "/1.0/instances" },
  { method: "GET", path: "/1.0/instances/*" },
  { method: "PUT", path: "/1.0/instances/*/state" },
  { method: "PATCH", path: "/1.0/instances/*" },
  { method: "DELETE", path: "/1.0/instances/*" },
  { method: "GET", path: "/1.0/operations/*/wait" },
  { method: "POST", path: "/1.0/storage-pools/*/volumes/custom" },
  { method: "DELETE", path: "/1.0/storage-pools/*/volumes/custom/*" },
  { method: "PUT", path: "/1.0/network-acls/*" },
  { method: "POST", path: "/1.0/instances/*/rebuild" },
  { method: "POST", path: "/1.0/instances/*/files" },
];

/** How they go wrong: for good, or so that another attempt mends it. */
const FAULTS: Omit<FaultRule, "match">[] = [
  { kind: "error_before", status: 503 },
  { kind: "error_before", status: 400 },
  { kind: "lost_answer" },
  { kind: "slow", delay_ms: 300 },
  { kind: "timeout_before", delay_ms: 300 },
  { kind: "operation_fails" },
  { kind: "operation_lost" },
  { kind: "duplicate_delivery" },
];

/** A request of a kind goes wrong, once or twice, soon. */
export function randomFault(random: () => number): FaultRule {
  const below = (limit: number) => Math.floor(random() * limit);
  const match = { ...REQUESTS[below(REQUESTS.length)], nth: random() < 0.7 ? 1 : 2 };
  const fault = FAULTS[below(FAULTS.length)] as (typeof FAULTS)[number];
  return { ...fault, match, count: 1 + below(2) };
}

/** All that a seed makes happen, before any of it does: the same seed has the same requests and the same faults. */
export function scriptOf(seed: number): Script {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const resources: ResourceKind[] = [];
  const moves: Move[] = [];
  let isAlive = true;

  const create = () => {
    const resource = random() < 0.75 ? "server" : "database";
    moves.push({ kind: "create", resource, number: resources.length, region: pick(REGIONS) });
    resources.push(resource);
  };
  const act = (number: number) => {
    const type = pick(resources[number] === "server" ? SERVER_ACTIONS : DATABASE_ACTIONS);
    moves.push({ kind: "act", number, type });
  };
  const fault = () => moves.push({ kind: "fault", rule: randomFault(random) });

  create();
  while (moves.length < MOVES) {
    const dice = random();
    const number = below(resources.length);
    if (dice < 0.14 && resources.length < RESOURCES_MAX) create();
    else if (dice < 0.36) act(number);
    else if (dice < 0.41) moves.push({ kind: "cancel", number });
    else if (dice < 0.47) moves.push({ kind: "delete", number });
    else if (dice < 0.69 && isAlive) moves.push({ kind: "await", number });
    else if (dice < 0.93) fault();
    else {
      moves.push({ kind: isAlive ? "kill" : "revive" });
      isAlive = !isAlive;
    }
  }
  return { seed, moves };
}

/** A line a move. */
export function told({ seed, moves }: Script): string {
  return [`seed ${seed}:`, ...moves.map((move) => `  ${JSON.stringify(move)}`)].join("\n");
}
