import { X509Certificate } from "node:crypto";
import { isLetIn } from "./access.ts";
import { type JsonObject, stringField } from "./body.ts";
import type { Faults } from "./faults.ts";
import { nicsOf } from "./instance-rules.ts";
import { hasBooted } from "./instance-view.ts";
import { addressMatches } from "./ipv4.ts";
import { type EngineRecord, instanceKey, type NetworkRecord, type State } from "./state.ts";
import { ApiError } from "./wire.ts";

/** What a client on the host would get: an answer to its query, nothing, or a final no. */
interface Outcome {
  outcome: "answered" | "unreachable" | "refused";
  reason?: string;
}

/** Asks an engine as the sandbox's probe does: over verified TLS, from the address of the network's bridge. */
export function queryEngine(state: State, faults: Faults, body: JsonObject): Outcome {
  const [engine, host, port] = [stringField(body, "engine"), stringField(body, "host"), body["port"]];
  if (typeof port !== "number") throw new ApiError(400, "port must be a number");
  const fault = faults.take({
    source: "query",
    method: "QUERY",
    path: `/engine/${host}`,
    project: "",
    action: engine,
    startsOperation: false,
  });
  if (fault !== null)
    return { outcome: fault.kind === "engine_refuses" ? "refused" : "unreachable", reason: fault.message };
  const found = findEngine(state, host);
  if (found?.record.port !== port) return unreachable(`nothing listens on ${host}:${port}`);
  const source = found.network?.config["ipv4.address"]?.split("/")[0] ?? "";
  if (found.network && !isLetIn(state, found.network, { source, destination: host, port }))
    return unreachable(`the access list of the network rejects ${source}`);
  if (!found.record.trustedSources.some((trusted) => addressMatches(source, trusted)))
    return unreachable(`the firewall of the guest drops ${source}, which is none of its trusted sources`);
  const why = refusal(found.record, engine, host, body);
  return why === null ? { outcome: "answered" } : { outcome: "refused", reason: why };
}

/** The engine that listens on an address, if its guest is up. */
function findEngine(state: State, host: string): { record: EngineRecord; network: NetworkRecord | null } | null {
  for (const instance of state.instances.values()) {
    const nic = nicsOf(instance).find(([, candidate]) => candidate["ipv4.address"] === host)?.[1];
    const record = state.engines.get(instanceKey(instance.project, instance.name));
    if (!nic || !record || instance.status !== "Running" || !hasBooted(instance, Date.now())) continue;
    return { record, network: state.networks.get(nic["network"] ?? "") ?? null };
  }
  return null;
}

function refusal(record: EngineRecord, engine: string, host: string, body: JsonObject): string | null {
  if (record.engine !== engine) return `${record.engine} answers, not ${engine}`;
  if (!isCertified(record.certificate, stringField(body, "ca"), host)) return "the certificate cannot be verified";
  const [user, password] = [stringField(body, "user"), stringField(body, "password")];
  if (!record.accounts.some((account) => account.user === user && account.password === password))
    return `password authentication failed for user ${user}`;
  const database = stringField(body, "database");
  return database === (record.database ?? "") ? null : `database ${database} does not exist`;
}

function isCertified(certificate: string, authority: string, host: string): boolean {
  try {
    const [leaf, ca] = [new X509Certificate(certificate), new X509Certificate(authority)];
    const now = new Date();
    const isValidNow = now >= new Date(leaf.validFrom) && now <= new Date(leaf.validTo);
    return isValidNow && leaf.checkIssued(ca) && leaf.verify(ca.publicKey) && leaf.checkIP(host) !== undefined;
  } catch {
    return false;
  }
}

function unreachable(reason: string): Outcome {
  return { outcome: "unreachable", reason };
}
