import type { Agent } from "./agent.ts";
import { engineOf } from "./engine-images.ts";
import { findProject } from "./projects.ts";
import { type FileRecord, fileKey, type InstanceRecord, instanceKey, type State } from "./state.ts";
import { ApiError, type ApiRequest, empty, type Reply, type Route, sync } from "./wire.ts";

/** The folders that every guest has; deeper ones are there with their files. */
const folders = ["/", "/etc", "/etc/systemd/network", "/root", "/tmp", "/var/lib"];
/** Folders that engine images have on top. */
const agentFolders = ["/var/lib/cloudnexus/requests", "/var/lib/cloudnexus/results"];

/** Files inside guests, running or stopped, one by one. Not simulated: making folders, links, appending. */
export function fileRoutes(state: State, agent: Agent): Route[] {
  const pattern = "/1.0/instances/*/files";
  return [
    { method: "GET", pattern, handler: (request) => getFile(state, request) },
    { method: "POST", pattern, handler: (request) => writeFile(state, agent, request) },
    { method: "DELETE", pattern, handler: (request) => deleteFile(state, request) },
  ];
}

function locate(state: State, request: ApiRequest): { instance: InstanceRecord; path: string } {
  findProject(state, request.project);
  const name = request.params[0] ?? "";
  const instance = state.instances.get(instanceKey(request.project, name));
  if (instance === undefined)
    throw new ApiError(404, `Failed to fetch instance "${name}" in project "${request.project}": Instance not found`);
  const path = request.query.get("path") ?? "";
  if (path === "") throw new ApiError(400, "Missing path argument");
  return { instance, path: path.startsWith("/") ? path : `/${path}` };
}

function find(state: State, request: ApiRequest): FileRecord {
  const { instance, path } = locate(state, request);
  const file = state.files.get(fileKey(instance.project, instance.name, path));
  if (file === undefined) throw new ApiError(404, "Not Found");
  return file;
}

function getFile(state: State, request: ApiRequest): Reply {
  const { instance, path } = locate(state, request);
  const known = foldersOf(state, instance);
  // The headers that tell a folder are left out: its list comes in an envelope, which tells as much.
  if (known.includes(path)) {
    const names = [...known, ...state.filesOf(instance.project, instance.name).map((file) => file.path)]
      .filter((child) => child !== "/" && parentOf(child) === path)
      .map((child) => child.slice(child.lastIndexOf("/") + 1));
    return sync([...new Set(names)].sort());
  }
  const { content, mode, uid, gid } = find(state, request);
  const headers = { "X-Incus-type": "file", "X-Incus-mode": mode, "X-Incus-uid": uid, "X-Incus-gid": gid };
  return { kind: "file", content, headers };
}

function writeFile(state: State, agent: Agent, request: ApiRequest): Reply {
  const { instance, path } = locate(state, request);
  const header = (name: string, fallback: string) => String(request.headers[`x-incus-${name}`] ?? fallback);
  const write = header("write", "overwrite");
  if (header("type", "file") !== "file") throw new ApiError(400, "Only files are simulated, no folders or links");
  if (write !== "overwrite") throw new ApiError(400, `Bad file write mode: ${write}`);
  const known = foldersOf(state, instance);
  if (known.includes(path)) throw new ApiError(500, "Failure");
  if (!known.includes(parentOf(path))) throw new ApiError(404, "Not Found");
  const { project, name } = instance;
  const key = fileKey(project, name, path);
  // As in Incus, a file that is there keeps its mode and owner.
  const { mode, uid, gid } = state.files.get(key) ?? {
    mode: header("mode", "0644").padStart(4, "0"),
    uid: header("uid", "0"),
    gid: header("gid", "0"),
  };
  state.commit(["files", key, { project, instance: name, path, content: request.body, mode, uid, gid }]);
  agent.wake(instanceKey(project, name));
  return empty();
}

function deleteFile(state: State, request: ApiRequest): Reply {
  const { project, instance, path } = find(state, request);
  state.commit(["files", fileKey(project, instance, path), null]);
  return empty();
}

function foldersOf(state: State, instance: InstanceRecord): string[] {
  const all = engineOf(state, instance) === null ? folders : [...folders, ...agentFolders];
  return [...new Set(all.flatMap(withParents))];
}

function withParents(path: string): string[] {
  return path === "/" ? ["/"] : [path, ...withParents(parentOf(path))];
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
