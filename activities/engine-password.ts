import { DomainError } from "../src/domain/domain-error.ts";
import { boundTo } from "../src/domain/sealed-rows.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { rotationOf } from "./database-credentials.ts";
import { type AgentRequest, agentOf, ask, requestName } from "./engine-agent.ts";
import { engineTarget } from "./engine-target.ts";
import { probeWait, type RegionCompute } from "./region-compute.ts";

const AGENT_TIMEOUT_MS = 60_000;
/** The engine runs: it takes the password or it does not. */
const VERIFY_TIMEOUT_MS = 30_000;

/** The passwords in the engine, during a rotation: two for a while, and then one. Each is opened here, sent to the guest, and forgotten. */
export function enginePasswordActivities(store: Store, compute: RegionCompute) {
  /** Returns the user name that goes with the password. */
  async function send(
    input: ActionInput,
    name: string,
    kind: AgentRequest["kind"],
    box: string | null | undefined,
  ): Promise<string> {
    if (box == null) throw new DomainError("resource_deleted");
    const request = { kind, password: compute.openSecret(box, boundTo.password(input.resourceId)) };
    const { user } = await ask(agentOf(compute.driver, input), name, request, AGENT_TIMEOUT_MS);
    if (user === undefined) throw new DomainError("engine_setup_failed", { internal: `${name} names no user` });
    return user;
  }

  return {
    /** From here on the engine takes the password to come beside the one that is shown. */
    async addPassword(input: ActionInput): Promise<void> {
      const credentials = await store.credentials.findOfRotation(rotationOf(input));
      const user = await send(input, requestName(input, 1, "add"), "add_password", credentials?.nextPasswordBox);
      await store.credentials.setNextUsername(rotationOf(input), user);
    },

    /** Undoes `addPassword`: only the password that is shown stays. */
    async removePassword(input: ActionInput): Promise<void> {
      const credentials = await store.credentials.findOfRotation(rotationOf(input));
      await send(input, requestName(input, 4, "remove"), "drop_password", credentials?.passwordBox);
    },

    /** Proves that a client gets in with the password to come. Changes nothing. */
    async verifyPassword(input: ActionInput): Promise<void> {
      const target = await engineTarget(store, compute, input, "next");
      await compute.probe.queryEngine(target, probeWait(VERIFY_TIMEOUT_MS));
    },

    /** The end of the old password: only the one that is shown by now stays. */
    async dropPassword(input: ActionInput): Promise<void> {
      const credentials = await store.credentials.findOfRotation(rotationOf(input));
      await send(input, requestName(input, 2, "drop"), "drop_password", credentials?.passwordBox);
    },

    /** Undoes `dropPassword`: the old password is taken again. */
    async returnPassword(input: ActionInput): Promise<void> {
      const credentials = await store.credentials.findOfRotation(rotationOf(input));
      await send(input, requestName(input, 3, "return"), "add_password", credentials?.previousPasswordBox);
    },
  };
}
