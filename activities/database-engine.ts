import { ENGINE_ENDPOINTS } from "../src/domain/database.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import { boundTo } from "../src/domain/sealed-rows.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { allowedSources } from "./allowed-sources.ts";
import { agentOf, requestFile, requestName, waitForResult } from "./engine-agent.ts";
import { engineTarget } from "./engine-target.ts";
import { guestNetworkFile } from "./guest-network.ts";
import { hostnameOf } from "./hostname.ts";
import { type OwnedDatabase, ownedDatabase } from "./owned-resource.ts";
import { ownerOf, probeWait, type RegionCompute } from "./region-compute.ts";
import { waitOfStep } from "./while-running.ts";

/** A slow disk takes its time to make a database cluster. Less than the activity's own limit. */
const SETUP_TIMEOUT_MS = 240_000;
const VERIFY_TIMEOUT_MS = 120_000;

const setupName = (input: ActionInput) => requestName(input, 1, "setup");

export function databaseEngineActivities(store: Store, compute: RegionCompute) {
  /** What the agent has to know: with the password and the certificate's key, so it exists in this activity and in the guest alone. */
  async function setupRequest(input: ActionInput, database: OwnedDatabase) {
    const [credentials, certificate] = await Promise.all([
      store.credentials.find(input.resourceId),
      store.certificates.find(input.resourceId),
    ]);
    if (!credentials || !certificate) throw new DomainError("resource_deleted");
    const { port, database: databaseName } = ENGINE_ENDPOINTS[database.engine];
    return {
      kind: "setup",
      engine: database.engine,
      major: database.major,
      address: database.ipv4,
      prefix_length: compute.network.prefixLength,
      port,
      memory_mib: database.size.memoryMib,
      vcpus: database.size.vcpus,
      tls: {
        certificate: certificate.certificate,
        key: compute.openSecret(certificate.keyBox, boundTo.certificateKey(input.resourceId)),
        ca: certificate.authorityCertificate,
      },
      trusted_sources: allowedSources(database.trustedSources, compute.network),
      user: credentials.username,
      password: compute.openSecret(credentials.passwordBox, boundTo.password(input.resourceId)),
      database: databaseName,
    } as const;
  }

  return {
    /** Writes into the stopped instance what its first boot needs: name, network, and the request to set up the engine. */
    async configureInstance(input: ActionInput): Promise<void> {
      const database = await ownedDatabase(store, input);
      const request = await setupRequest(input, database);
      const files = [
        { path: "/etc/hostname", content: `${hostnameOf(database.name)}\n`, mode: 0o644 },
        guestNetworkFile({ ...compute.network, ipv4: database.ipv4 }),
        requestFile(setupName(input), request),
      ];
      await compute.driver.writeFiles(ownerOf(input), files, waitOfStep(store, input));
    },

    /** Returns when the agent has set the engine up. It only looks: the agent works by itself, and another worker may go on looking. */
    async setUpEngine(input: ActionInput): Promise<void> {
      await waitForResult(agentOf(compute.driver, input), setupName(input), SETUP_TIMEOUT_MS);
    },

    /** Proves that the customer's client will get in: connects over verified TLS, logs in and runs a query. Changes nothing. */
    async verifyEngine(input: ActionInput): Promise<void> {
      const target = await engineTarget(store, compute, input, "current");
      await compute.probe.queryEngine(target, probeWait(VERIFY_TIMEOUT_MS));
    },
  };
}
