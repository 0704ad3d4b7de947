/**
 * The paths that no Incus has.
 *
 *   GET    /sim/v1/reachability?address=A&port=22   -> {reachable, banner?}; always there, as the next: the sandbox's probe asks it
 *   POST   /sim/v1/engine-query      {engine, host, port, user, password, database, ca} -> {outcome: answered | unreachable | refused, reason?}
 *            asks a database engine from the bridge's address: through the access list, the guest's firewall and verified TLS
 *
 * With --control only, for tests:
 *   POST   /sim/v1/faults            {match: {method?, path?, project?, action?, nth?}, kind, count?, status?, message?, delay_ms?, await_operation?} -> {id}
 *            path: a glob (`*` within a segment, `**` across) or, from `^` on, a regular expression, over the path without its query.
 *            action: the `action` of a PUT to .../state. nth: fires from the nth match on (1). count: how often (1; 0 without end).
 *            kinds: error_before (status, message), timeout_before (no answer, closed after delay_ms), slow (delay_ms), hold_before, hold_after,
 *            lost_answer, duplicate_delivery, not_found_on_delete, wrong_etag; for requests that start an operation: operation_fails (message),
 *            disk_full, operation_lost; for the agents in guests, where `action` is the kind of a request: agent_fails (message), agent_holds;
 *            for engine queries, where `action` is the engine: engine_unreachable, engine_refuses (message). hold_after, lost_answer, duplicate_delivery and not_found_on_delete wait for the end of the operation
 *            first, unless await_operation is false.
 *            A request whose client goes away while hold_before keeps it is dropped without an effect; one that is slow acts none the less.
 *   GET    /sim/v1/faults            -> [{id, kind, match, count, matched, hits, held}]
 *   POST   /sim/v1/faults/{id}/release  lets go the requests it holds -> {released}
 *   DELETE /sim/v1/faults[/{id}]     also lets go
 *   GET    /sim/v1/requests?since=N  -> [{seq, method, path, project, status}]; status null: unanswered or cut
 *   GET    /sim/v1/snapshot          -> {instances, volumes, leases, access_rules}, sorted, to compare for leaks
 *   POST   /sim/v1/reset             takes away instances, volumes, access lists, faults and the request log
 *   POST   /sim/v1/planted-instance  {name, project?, config?, ipv4?, network?, running?}: an instance that somebody else made
 *
 * Errors are {error} with status 400 or 404. Faults and the request log live in memory: a restart forgets them.
 */
import { booleanField, type JsonObject, parseObject, stringField, stringMapField } from "./body.ts";
import { queryEngine } from "./engine-query.ts";
import type { Faults } from "./faults.ts";
import type { InstanceLifecycle } from "./instance-lifecycle.ts";
import { checkInstanceName, nicsOf } from "./instance-rules.ts";
import { hasBooted, renderInstance } from "./instance-view.ts";
import { staticLeases } from "./networks.ts";
import { findProject } from "./projects.ts";
import type { RequestLog } from "./request-log.ts";
import { type Change, instanceKey, type NetworkRecord, type State } from "./state.ts";
import { ApiError } from "./wire.ts";

export interface Answer {
  status: number;
  body: unknown;
}

const banner = "SSH-2.0-OpenSSH_9.2p1 CloudNexus-Sandbox";

export class Control {
  readonly #state: State;
  readonly #lifecycle: InstanceLifecycle;
  readonly #faults: Faults;
  readonly #log: RequestLog;
  readonly #enabled: boolean;

  constructor(state: State, lifecycle: InstanceLifecycle, faults: Faults, log: RequestLog, enabled: boolean) {
    this.#state = state;
    this.#lifecycle = lifecycle;
    this.#faults = faults;
    this.#log = log;
    this.#enabled = enabled;
  }

  answer(method: string, url: URL, body: string): Answer {
    try {
      return { status: 200, body: this.#route(method, url, body) };
    } catch (error) {
      if (error instanceof ApiError) return { status: error.status, body: { error: error.message } };
      throw error;
    }
  }

  #route(method: string, url: URL, body: string): unknown {
    const path = url.pathname.replace(/^\/sim\/v1/, "");
    if (method === "GET" && path === "/reachability") return this.#reachability(url.searchParams);
    if (method === "POST" && path === "/engine-query") return queryEngine(this.#state, this.#faults, parseObject(body));
    if (!this.#enabled)
      throw new ApiError(404, "not found: start the simulator with --control for the paths that tests use");
    const faultId = /^\/faults\/([^/]+)(\/release)?$/.exec(path);
    if (faultId?.[1] !== undefined) return this.#oneFault(method, faultId[1], faultId[2] !== undefined);
    switch (`${method} ${path}`) {
      case "POST /faults":
        return { id: this.#faults.add(parseObject(body)) };
      case "GET /faults":
        return this.#faults.list();
      case "DELETE /faults":
        this.#faults.clear();
        return {};
      case "GET /requests":
        return this.#log.since(seqOf(url.searchParams));
      case "GET /snapshot":
        return this.#snapshot();
      case "POST /reset":
        this.#reset();
        return {};
      case "POST /planted-instance":
        this.#plant(parseObject(body));
        return {};
      default:
        throw new ApiError(404, `no ${method} ${url.pathname}: the head of control.ts lists what there is`);
    }
  }

  #reachability(query: URLSearchParams): unknown {
    const [address, port] = [query.get("address"), query.get("port") ?? "22"];
    if (address === null) throw new ApiError(400, "address is missing: /sim/v1/reachability?address=10.0.0.2&port=22");
    const nowMs = Date.now();
    for (const instance of this.#state.instances.values()) {
      if (port !== "22" || instance.status !== "Running" || !hasBooted(instance, nowMs)) continue;
      if (nicsOf(instance).some(([, nic]) => nic["ipv4.address"] === address)) return { reachable: true, banner };
    }
    return { reachable: false };
  }

  #oneFault(method: string, id: string, isRelease: boolean): unknown {
    if (method === "POST" && isRelease) return { released: this.#faults.release(id) };
    if (method === "DELETE" && !isRelease) {
      this.#faults.remove(id);
      return {};
    }
    throw new ApiError(404, "not found");
  }

  #snapshot(): unknown {
    const instances = [...this.#state.instances].sort(byKey).map(([, instance]) => renderInstance(instance));
    const volumes = [...this.#state.volumes]
      .sort(byKey)
      .map(([, { pool, project, type, name }]) => ({ pool, project, type, name }));
    const projects = [...this.#state.projects.keys()].sort();
    const leases = [...this.#state.networks.keys()]
      .sort()
      .flatMap((network) =>
        projects.flatMap((project) =>
          staticLeases(this.#state, network, project).map(({ hostname, address }) => ({
            network,
            project,
            hostname,
            address,
          })),
        ),
      )
      .sort((a, b) => (a.address < b.address ? -1 : 1));
    const accessRules = [...this.#state.acls]
      .sort(byKey)
      .flatMap(([acl, { ingress, egress }]) => [...ingress, ...egress].map((rule) => ({ acl, ...rule })));
    return { instances, volumes, leases, access_rules: accessRules };
  }

  #reset(): void {
    const changes: Change[] = [];
    for (const key of this.#state.instances.keys()) changes.push(["instances", key, null]);
    for (const key of this.#state.volumes.keys()) changes.push(["volumes", key, null]);
    for (const key of this.#state.files.keys()) changes.push(["files", key, null]);
    for (const key of this.#state.engines.keys()) changes.push(["engines", key, null]);
    for (const network of this.#state.networks.values()) changes.push(["networks", network.name, detached(network)]);
    for (const key of this.#state.acls.keys()) changes.push(["acls", key, null]);
    if (changes.length > 0) this.#state.commit(...changes);
    this.#faults.clear();
    this.#log.clear();
  }

  #plant(body: JsonObject): void {
    const name = stringField(body, "name");
    const project = stringField(body, "project") || "default";
    checkInstanceName(name);
    findProject(this.#state, project);
    if (this.#state.instances.has(instanceKey(project, name)))
      throw new ApiError(409, `instance ${project}/${name} is already there`);
    const [pool] = this.#state.pools.keys();
    if (pool === undefined) throw new ApiError(400, "there is no storage pool: start the simulator with --pool NAME");
    const network = stringField(body, "network") || ([...this.#state.networks.keys()][0] ?? "");
    const ipv4 = stringField(body, "ipv4");
    const nic = { type: "nic", name: "eth0", network, ...(ipv4 === "" ? {} : { "ipv4.address": ipv4 }) };
    const devices = { root: { type: "disk", path: "/", pool }, ...(network === "" ? {} : { eth0: nic }) };
    const config = stringMapField(body, "config") ?? {};
    const draft = { project, name, description: "", config, devices, profiles: [], ephemeral: false, fingerprint: "" };
    this.#lifecycle.plant(draft, booleanField(body, "running") ?? false);
  }
}

function detached(network: NetworkRecord): NetworkRecord {
  const kept = Object.entries(network.config).filter(([key]) => !key.startsWith("security.acls"));
  return { ...network, config: Object.fromEntries(kept) };
}

function seqOf(query: URLSearchParams): number {
  const since = Number(query.get("since") ?? "0");
  if (!Number.isInteger(since)) throw new ApiError(400, "since must be a whole number");
  return since;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
