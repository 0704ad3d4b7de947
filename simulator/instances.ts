import {
  booleanField,
  devicesField,
  isObject,
  type JsonObject,
  parseObject,
  stringField,
  stringListField,
  stringMapField,
} from "./body.ts";
import { parseFilter } from "./filter.ts";
import { findImageByAlias, findImageByPrefix } from "./images.ts";
import type { InstanceLifecycle } from "./instance-lifecycle.ts";
import { checkInstanceName } from "./instance-rules.ts";
import { instanceEtag, renderInstance, renderInstanceFull, renderInstanceState } from "./instance-view.ts";
import type { Operations } from "./operations.ts";
import { findProject, projectFor } from "./projects.ts";
import { type InstanceRecord, instanceKey, type State } from "./state.ts";
import {
  ApiError,
  type ApiRequest,
  checkIfMatch,
  empty,
  type Reply,
  type Route,
  recursionOf,
  resourceUrl,
  sync,
} from "./wire.ts";

/** The routes under /1.0/instances: what is checked before an operation starts. What the operations do is in instance-lifecycle. */
export class InstanceRoutes {
  readonly #state: State;
  readonly #operations: Operations;
  readonly #lifecycle: InstanceLifecycle;

  constructor(state: State, operations: Operations, lifecycle: InstanceLifecycle) {
    this.#state = state;
    this.#operations = operations;
    this.#lifecycle = lifecycle;
  }

  routes(): Route[] {
    const all = "/1.0/instances";
    return [
      { method: "GET", pattern: all, handler: (request) => this.#list(request) },
      { method: "POST", pattern: all, handler: (request) => this.#create(request), startsOperation: true },
      { method: "GET", pattern: `${all}/*`, handler: (request) => this.#get(request) },
      { method: "PUT", pattern: `${all}/*`, handler: (request) => this.#replace(request), startsOperation: true },
      { method: "PATCH", pattern: `${all}/*`, handler: (request) => this.#patch(request) },
      { method: "DELETE", pattern: `${all}/*`, handler: (request) => this.#delete(request), startsOperation: true },
      {
        method: "POST",
        pattern: `${all}/*/rebuild`,
        handler: (request) => this.#rebuild(request),
        startsOperation: true,
      },
      { method: "GET", pattern: `${all}/*/state`, handler: (request) => this.#getState(request) },
      {
        method: "PUT",
        pattern: `${all}/*/state`,
        handler: (request) => this.#changeState(request),
        startsOperation: true,
      },
    ];
  }

  #list(request: ApiRequest): Reply {
    const everywhere = request.query.get("all-projects") === "true";
    if (everywhere && request.query.get("project")) {
      throw new ApiError(400, "Cannot specify a project when requesting all projects");
    }
    const matches = parseFilter(request.query.get("filter") ?? "");
    const instances = [...this.#state.instances.values()]
      .filter((instance) => everywhere || instance.project === request.project)
      .filter((instance) => matches(renderInstance(instance)))
      .sort((a, b) => (instanceKey(a.project, a.name) < instanceKey(b.project, b.name) ? -1 : 1));
    const recursion = recursionOf(request);
    if (recursion === 0)
      return sync(instances.map((instance) => resourceUrl(`/1.0/instances/${instance.name}`, instance.project)));
    if (recursion === 1) return sync(instances.map(renderInstance));
    return sync(instances.map((instance) => renderInstanceFull(this.#state, instance)));
  }

  #find(request: ApiRequest): InstanceRecord {
    findProject(this.#state, request.project);
    const name = request.params[0] ?? "";
    const instance = this.#state.instances.get(instanceKey(request.project, name));
    if (instance !== undefined) return instance;
    throw new ApiError(404, `Failed to fetch instance "${name}" in project "${request.project}": Instance not found`);
  }

  #get(request: ApiRequest): Reply {
    const instance = this.#find(request);
    if (recursionOf(request) > 0)
      return sync(renderInstanceFull(this.#state, instance), { etag: instanceEtag(instance) });
    return sync(renderInstance(instance), { etag: instanceEtag(instance) });
  }

  #getState(request: ApiRequest): Reply {
    return sync(renderInstanceState(this.#state, this.#find(request)));
  }

  #create(request: ApiRequest): Reply {
    const body = parseObject(request.body);
    const [name, type] = [stringField(body, "name"), stringField(body, "type")];
    const config = stringMapField(body, "config") ?? {};
    const devices = devicesField(body) ?? {};
    const project = this.#projectForCreate(request);
    const fingerprint = this.#sourceImage(request, body);
    const profiles = stringListField(body, "profiles") ?? ["default"];
    checkProfiles(profiles);
    if (name === "") throw new ApiError(400, "The simulator makes up no names: give the instance one");
    checkInstanceName(name);
    if (type !== "" && type !== "container")
      throw new ApiError(400, `Instance type "${type}" is not supported on this server`);
    const draft = { project, name, description: stringField(body, "description"), config, devices, profiles };
    const ephemeral = booleanField(body, "ephemeral") ?? false;
    const start = booleanField(body, "start") ?? false;
    return this.#operations.start(request, "Creating instance", name, async () => {
      if (fingerprint === null) throw new ApiError(500, "Image not provided for instance creation");
      await this.#lifecycle.create({ ...draft, ephemeral, fingerprint });
      if (start) await this.#lifecycle.start(project, name);
    });
  }

  #projectForCreate(request: ApiRequest): string {
    if (this.#state.projects.has(request.project)) return request.project;
    throw new ApiError(404, "Failed loading project: Project not found");
  }

  /** The fingerprint of the image asked for; null if there is none, which Incus tells only in the operation. */
  #sourceImage(request: ApiRequest, body: JsonObject): string | null {
    const source = isObject(body["source"]) ? body["source"] : {};
    const type = stringField(source, "type");
    if (type !== "image") throw new ApiError(400, `Unknown source type ${type}`);
    const imageProject = projectFor(this.#state, request, "images");
    const [fingerprint, alias] = [stringField(source, "fingerprint"), stringField(source, "alias")];
    if (fingerprint !== "") return findImageByPrefix(this.#state, imageProject, fingerprint)?.fingerprint ?? null;
    if (alias !== "") return findImageByAlias(this.#state, imageProject, alias)?.fingerprint ?? null;
    throw new ApiError(500, "Must specify one of alias, fingerprint or properties for init from image");
  }

  #replace(request: ApiRequest): Reply {
    const instance = this.#find(request);
    checkIfMatch(request, instanceEtag(instance));
    const body = parseObject(request.body);
    const change = {
      description: stringField(body, "description"),
      config: stringMapField(body, "config") ?? {},
      devices: devicesField(body) ?? {},
      profiles: stringListField(body, "profiles") ?? [],
      ephemeral: booleanField(body, "ephemeral") ?? false,
    };
    checkProfiles(change.profiles);
    return this.#operations.start(request, "Updating instance", instance.name, () => {
      this.#lifecycle.update(instance.project, instance.name, change);
    });
  }

  #patch(request: ApiRequest): Reply {
    const instance = this.#find(request);
    checkIfMatch(request, instanceEtag(instance));
    const body = parseObject(request.body);
    this.#lifecycle.update(instance.project, instance.name, {
      description: stringField(body, "description"),
      config: { ...instance.config, ...stringMapField(body, "config") },
      devices: { ...instance.devices, ...devicesField(body) },
      profiles: stringListField(body, "profiles") ?? instance.profiles,
      ephemeral: booleanField(body, "ephemeral") ?? instance.ephemeral,
    });
    return empty();
  }

  #delete(request: ApiRequest): Reply {
    const { project, name, status } = this.#find(request);
    if (status !== "Stopped") throw new ApiError(400, "Instance is running");
    return this.#operations.start(request, "Deleting instance", name, () => this.#lifecycle.delete(project, name));
  }

  #rebuild(request: ApiRequest): Reply {
    const { project, name, status } = this.#find(request);
    const fingerprint = this.#sourceImage(request, parseObject(request.body));
    if (status !== "Stopped") throw new ApiError(400, "Instance must be stopped to be rebuilt");
    return this.#operations.start(request, "Rebuilding instance", name, async () => {
      if (fingerprint === null) throw new ApiError(500, "Image not provided for instance rebuild");
      await this.#lifecycle.rebuild(project, name, fingerprint);
    });
  }

  #changeState(request: ApiRequest): Reply {
    const body = parseObject(request.body);
    const { project, name } = this.#find(request);
    const action = stringField(body, "action");
    const force = booleanField(body, "force") === true || body["timeout"] === 0;
    switch (action) {
      case "start":
        return this.#operations.start(request, "Starting instance", name, () => this.#lifecycle.start(project, name));
      case "stop":
        return this.#operations.start(request, "Stopping instance", name, () =>
          this.#lifecycle.stop(project, name, force),
        );
      case "restart":
        return this.#operations.start(request, "Restarting instance", name, () =>
          this.#lifecycle.restart(project, name, force),
        );
      case "freeze":
        return this.#operations.start(request, "Freezing instance", name, () => this.#lifecycle.freeze(project, name));
      case "unfreeze":
        return this.#operations.start(request, "Unfreezing instance", name, () =>
          this.#lifecycle.unfreeze(project, name),
        );
      default:
        throw new ApiError(400, `Unknown action: '${action}'`);
    }
  }
}

function checkProfiles(profiles: string[]): void {
  const unknown = profiles.find((profile) => profile !== "default");
  if (unknown !== undefined) throw new ApiError(500, `Requested profile "${unknown}" doesn't exist`);
}
