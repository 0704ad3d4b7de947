import { parseObject, stringField, stringMapField } from "./body.ts";
import type { ProjectRecord, State } from "./state.ts";
import { ApiError, type ApiRequest, etagOf, type Reply, type Route, recursionOf, resourceUrl, sync } from "./wire.ts";

export function findProject(state: State, name: string): ProjectRecord {
  const project = state.projects.get(name);
  if (project === undefined) throw new ApiError(404, "Project not found");
  return project;
}

type Feature = "images" | "networks" | "storage.volumes";

/** The project whose images, networks or volumes a project uses: its own if it has the feature, else the default one's. */
export function projectFor(state: State, request: Pick<ApiRequest, "project">, feature: Feature): string {
  const project = findProject(state, request.project);
  return project.config[`features.${feature}`] === "true" ? project.name : "default";
}

export function projectRoutes(state: State): Route[] {
  return [
    { method: "GET", pattern: "/1.0/projects", handler: (request) => listProjects(state, request) },
    { method: "POST", pattern: "/1.0/projects", handler: (request) => createProject(state, request) },
    { method: "GET", pattern: "/1.0/projects/*", handler: (request) => getProject(state, request) },
  ];
}

function listProjects(state: State, request: ApiRequest): Reply {
  const projects = [...state.projects.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (recursionOf(request) === 0) return sync(projects.map((project) => `/1.0/projects/${project.name}`));
  return sync(projects.map((project) => renderProject(state, project)));
}

function createProject(state: State, request: ApiRequest): Reply {
  const body = parseObject(request.body);
  const name = stringField(body, "name");
  if (name === "") throw new ApiError(400, "No name provided");
  if (/[/ _'"]/.test(name) || name === "*" || name === "." || name === "..")
    throw new ApiError(400, `Invalid project name "${name}"`);
  if (state.projects.has(name)) {
    const why =
      'Failed adding database record: Failed to create "projects" entry: UNIQUE constraint failed: projects.name';
    throw new ApiError(500, `Failed creating project "${name}": ${why}`);
  }
  const config = {
    "features.images": "true",
    "features.profiles": "true",
    "features.storage.buckets": "true",
    "features.storage.volumes": "true",
    ...stringMapField(body, "config"),
  };
  state.commit(["projects", name, { name, description: stringField(body, "description"), config }]);
  return sync(null, { location: `/1.0/projects/${name}` });
}

function getProject(state: State, request: ApiRequest): Reply {
  const project = findProject(state, request.params[0] ?? "");
  return sync(renderProject(state, project), { etag: etagOf([project.description, project.config]) });
}

function renderProject(state: State, project: ProjectRecord): Record<string, unknown> {
  const mine = <T extends { project: string }>(records: Map<string, T>) =>
    [...records.values()].filter((record) => record.project === project.name);
  const usedBy = [
    ...mine(state.instances).map((instance) => resourceUrl(`/1.0/instances/${instance.name}`, project.name)),
    ...mine(state.images).map((image) => resourceUrl(`/1.0/images/${image.fingerprint}`, project.name)),
    ...mine(state.volumes)
      .filter((volume) => volume.type === "custom")
      .map((volume) => resourceUrl(`/1.0/storage-pools/${volume.pool}/volumes/custom/${volume.name}`, project.name)),
  ];
  return { config: project.config, description: project.description, name: project.name, used_by: usedBy };
}
