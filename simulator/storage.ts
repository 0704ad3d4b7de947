import { parseObject, stringField, stringMapField } from "./body.ts";
import { projectFor } from "./projects.ts";
import { parseByteSize } from "./sizes.ts";
import { type PoolRecord, type State, type VolumeRecord, type VolumeType, volumeKey } from "./state.ts";
import {
  ApiError,
  type ApiRequest,
  empty,
  etagOf,
  type Reply,
  type Route,
  recursionOf,
  resourceUrl,
  sync,
} from "./wire.ts";

export function storageRoutes(state: State): Route[] {
  const pools = "/1.0/storage-pools";
  return [
    { method: "GET", pattern: pools, handler: (request) => listPools(state, request) },
    { method: "POST", pattern: pools, handler: (request) => createPool(state, request) },
    { method: "GET", pattern: `${pools}/*`, handler: (request) => getPool(state, request) },
    { method: "GET", pattern: `${pools}/*/resources`, handler: (request) => getPoolResources(state, request) },
    { method: "GET", pattern: `${pools}/*/volumes`, handler: (request) => listVolumes(state, request) },
    { method: "POST", pattern: `${pools}/*/volumes`, handler: (request) => createVolume(state, request) },
    { method: "GET", pattern: `${pools}/*/volumes/*`, handler: (request) => listVolumes(state, request) },
    { method: "POST", pattern: `${pools}/*/volumes/*`, handler: (request) => createVolume(state, request) },
    { method: "GET", pattern: `${pools}/*/volumes/*/*`, handler: (request) => getVolume(state, request) },
    { method: "DELETE", pattern: `${pools}/*/volumes/*/*`, handler: (request) => deleteVolume(state, request) },
  ];
}

function findPool(state: State, request: ApiRequest): PoolRecord {
  const pool = state.pools.get(request.params[0] ?? "");
  if (pool === undefined) throw new ApiError(404, "Storage pool not found");
  return pool;
}

function listPools(state: State, request: ApiRequest): Reply {
  const pools = [...state.pools.values()];
  if (recursionOf(request) > 0) return sync(pools.map((pool) => renderPool(state, pool)));
  return sync(pools.map((pool) => `/1.0/storage-pools/${pool.name}`));
}

function getPool(state: State, request: ApiRequest): Reply {
  const pool = findPool(state, request);
  return sync(renderPool(state, pool), { etag: etagOf([pool.name, pool.driver, pool.config]) });
}

function createPool(state: State, request: ApiRequest): Reply {
  const body = parseObject(request.body);
  const [name, driver] = [stringField(body, "name"), stringField(body, "driver")];
  if (name === "") throw new ApiError(400, "No name provided");
  if (name.includes("/")) throw new ApiError(400, "Storage pool names may not contain slashes");
  if (driver === "") throw new ApiError(400, "No driver provided");
  if (state.pools.has(name)) throw new ApiError(409, "The storage pool already exists: The record already exists");
  const config = { size: "1TiB", ...stringMapField(body, "config") };
  state.commit(["pools", name, { name, description: stringField(body, "description"), driver, config }]);
  return sync(null, { location: `/1.0/storage-pools/${name}` });
}

function renderPool(state: State, pool: PoolRecord): Record<string, unknown> {
  const usedBy = [...state.volumes.values()].filter((volume) => volume.pool === pool.name).map(ownerUrl);
  const { config, description, name, driver } = pool;
  return { config, description, name, driver, used_by: usedBy, status: "Created", locations: ["none"] };
}

function getPoolResources(state: State, request: ApiRequest): Reply {
  const pool = findPool(state, request);
  const volumes = [...state.volumes.values()].filter((volume) => volume.pool === pool.name);
  const used = 300_000_000 * (volumes.length + 1);
  return sync({ space: { used, total: parseByteSize(pool.config["size"] ?? "1TiB") }, inodes: { used: 0, total: 0 } });
}

/** What a volume belongs to: its instance, or itself. */
function ownerUrl(volume: VolumeRecord): string {
  return volume.type === "container" ? resourceUrl(`/1.0/instances/${volume.name}`, volume.project) : volumeUrl(volume);
}

function volumeUrl(volume: VolumeRecord): string {
  return resourceUrl(`/1.0/storage-pools/${volume.pool}/volumes/${volume.type}/${volume.name}`, volume.project);
}

const otherTypes = ["virtual-machine", "image"];

function typeOf(request: ApiRequest): VolumeType | null {
  const type = request.params[1];
  if (type === undefined || otherTypes.includes(type)) return null;
  if (type !== "container" && type !== "custom") throw new ApiError(400, "Invalid storage volume type name");
  return type;
}

function listVolumes(state: State, request: ApiRequest): Reply {
  const pool = findPool(state, request);
  const type = typeOf(request);
  const customProject = projectFor(state, request, "storage.volumes");
  const everywhere = request.query.get("all-projects") === "true";
  const volumes = [...state.volumes.values()]
    .filter((volume) => volume.pool === pool.name)
    .filter((volume) => (request.params[1] === undefined ? true : volume.type === type))
    .filter((volume) => everywhere || volume.project === (volume.type === "custom" ? customProject : request.project))
    .sort((a, b) => (volumeKey(a) < volumeKey(b) ? -1 : 1));
  return sync(recursionOf(request) > 0 ? volumes.map((volume) => renderVolume(state, volume)) : volumes.map(volumeUrl));
}

function createVolume(state: State, request: ApiRequest): Reply {
  const project = projectFor(state, request, "storage.volumes");
  const body = parseObject(request.body);
  const name = stringField(body, "name");
  const type = request.params[1] ?? stringField(body, "type");
  const contentType = stringField(body, "content_type") || "filesystem";
  if (name === "") throw new ApiError(400, "No name provided");
  if (name.includes("/")) throw new ApiError(400, "Storage volume names may not contain slashes");
  if (contentType !== "filesystem" && contentType !== "block")
    throw new ApiError(400, "Invalid volume content type name");
  if (type !== "custom") throw new ApiError(400, `Currently not allowed to create storage volumes of type "${type}"`);
  const pool = findPool(state, request).name;
  const config = stringMapField(body, "config") ?? {};
  const createdAt = new Date().toISOString();
  const volume: VolumeRecord = {
    pool,
    project,
    type,
    name,
    description: stringField(body, "description"),
    config,
    contentType,
    createdAt,
  };
  if (state.volumes.has(volumeKey(volume))) throw new ApiError(409, "Volume by that name already exists");
  state.commit(["volumes", volumeKey(volume), volume]);
  return empty();
}

function findVolume(state: State, request: ApiRequest): VolumeRecord {
  const pool = findPool(state, request).name;
  const type = typeOf(request);
  const project = type === "custom" ? projectFor(state, request, "storage.volumes") : request.project;
  const name = request.params[2] ?? "";
  const volume = type === null ? undefined : state.volumes.get(volumeKey({ pool, project, type, name }));
  if (volume === undefined) throw new ApiError(404, "Storage pool volume not found");
  return volume;
}

function getVolume(state: State, request: ApiRequest): Reply {
  const volume = findVolume(state, request);
  return sync(renderVolume(state, volume), { etag: etagOf([volume.name, volume.type, volume.config]) });
}

function deleteVolume(state: State, request: ApiRequest): Reply {
  const volume = findVolume(state, request);
  if (volume.type !== "custom") {
    throw new ApiError(400, `Storage volumes of type "${volume.type}" cannot be deleted with the storage API`);
  }
  if (usersOf(state, volume).length > 0) throw new ApiError(400, "The storage volume is still in use");
  state.commit(["volumes", volumeKey(volume), null]);
  return empty();
}

function usersOf(state: State, volume: VolumeRecord): string[] {
  return [...state.instances.values()]
    .filter((instance) => instance.project === volume.project)
    .filter((instance) =>
      Object.values(instance.devices).some(
        (device) => device["pool"] === volume.pool && device["source"] === volume.name,
      ),
    )
    .map((instance) => resourceUrl(`/1.0/instances/${instance.name}`, instance.project));
}

function renderVolume(state: State, volume: VolumeRecord): Record<string, unknown> {
  return {
    config: volume.config,
    description: volume.description,
    name: volume.name,
    type: volume.type,
    used_by: volume.type === "container" ? [ownerUrl(volume)] : usersOf(state, volume),
    location: "none",
    content_type: volume.contentType,
    project: volume.project,
    created_at: volume.createdAt,
  };
}
