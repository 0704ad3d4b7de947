import { defineSearchAttributeKey } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  defineSignal,
  getCurrentDetails,
  patched,
  scheduleActivity,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  type WorkflowInterceptorsFactory,
} from "@temporalio/workflow";
import { GATE_OPENED_SIGNAL, type HeldAt, STEP_HELD } from "../src/domain/hold.ts";
import { SEARCH_ATTRIBUTES } from "../src/domain/search-attributes.ts";
import { offTheClock } from "./deadline.ts";

/** Says which hold was released. */
const gateOpened = defineSignal<[holdId: string]>(GATE_OPENED_SIGNAL);

/** A release that nobody told of is found after this; each look that finds the hold in force doubles it, so that thousands which wait for days cost next to nothing. */
const LOOK_AGAIN_MS = 10 * 60_000;
const LOOK_AGAIN_AT_LEAST_MS = 160 * 60_000;

/**
 * A step that was held (src/temporal/gate.ts) waits here for the release and is begun once more; the wait is not of the action's time. A cancel ends the wait at once. Loaded around all
 * workflows (workflow-bundle.ts); where nothing is held it adds no command.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const opened = new Set<string>();
  let lookAgainMs = LOOK_AGAIN_MS;

  async function waitForRelease({ holdId, reason }: HeldAt): Promise<void> {
    const details = getCurrentDetails();
    setCurrentDetails(`held before ${details}: ${reason} (${holdId})`);
    nameHold(holdId);
    try {
      const isOpen = () => opened.has(holdId);
      const wasTold = await offTheClock(() => condition(isOpen, lookAgainMs, { summary: "look again" }));
      lookAgainMs = wasTold ? LOOK_AGAIN_MS : Math.min(2 * lookAgainMs, LOOK_AGAIN_AT_LEAST_MS);
    } finally {
      nameHold(null);
    }
    setCurrentDetails(details);
  }

  return {
    inbound: [
      {
        execute(input, next) {
          setHandler(gateOpened, (holdId) => void opened.add(holdId));
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity(input, next) {
          return next(input).catch(async (error: unknown) => {
            const at = heldAt(error);
            if (!at) throw error;
            await waitForRelease(at);
            return scheduleActivity(input.activityType, input.args, input.options);
          });
        },
      },
    ],
  };
};

function heldAt(error: unknown): HeldAt | null {
  const cause = error instanceof ActivityFailure ? error.cause : null;
  if (!(cause instanceof ApplicationFailure) || cause.type !== STEP_HELD) return null;
  return (cause.details?.[0] ?? null) as HeldAt | null;
}

/** So that what waits is found by its hold. */
function nameHold(holdId: string | null): void {
  // What began to wait before this was said replays without it.
  if (!patched("hold-is-searchable")) return;
  upsertSearchAttributes([{ key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.holdId, "KEYWORD"), value: holdId }]);
}
