import { projectFor } from "./projects.ts";
import { type ImageRecord, imageKey, type State } from "./state.ts";
import { ApiError, type ApiRequest, etagOf, type Reply, type Route, recursionOf, resourceUrl, sync } from "./wire.ts";

export function imageRoutes(state: State): Route[] {
  return [
    { method: "GET", pattern: "/1.0/images", handler: (request) => listImages(state, request) },
    { method: "GET", pattern: "/1.0/images/aliases", handler: (request) => listAliases(state, request) },
    { method: "GET", pattern: "/1.0/images/aliases/**", handler: (request) => getAlias(state, request) },
    { method: "GET", pattern: "/1.0/images/*", handler: (request) => getImage(state, request) },
  ];
}

export function findImageByAlias(state: State, project: string, alias: string): ImageRecord | undefined {
  return [...state.images.values()].find((image) => image.project === project && image.aliases.includes(alias));
}

/** The one image whose fingerprint starts so; undefined if there is none. */
export function findImageByPrefix(state: State, project: string, prefix: string): ImageRecord | undefined {
  const exact = state.images.get(imageKey(project, prefix));
  if (exact !== undefined) return exact;
  const found = [...state.images.values()].filter(
    (image) => image.project === project && image.fingerprint.startsWith(prefix),
  );
  if (found.length > 1) throw new ApiError(500, "More than one image matches");
  return found[0];
}

function imagesOf(state: State, request: ApiRequest): ImageRecord[] {
  const project = projectFor(state, request, "images");
  return [...state.images.values()].filter((image) => image.project === project);
}

function listImages(state: State, request: ApiRequest): Reply {
  const images = imagesOf(state, request);
  if (recursionOf(request) > 0) return sync(images.map(renderImage));
  return sync(images.map((image) => resourceUrl(`/1.0/images/${image.fingerprint}`, image.project)));
}

function getImage(state: State, request: ApiRequest): Reply {
  const prefix = request.params[0] ?? "";
  const image = findImageByPrefix(state, projectFor(state, request, "images"), prefix);
  if (image === undefined) throw new ApiError(404, `Image "${prefix}" not found`);
  return sync(renderImage(image), { etag: etagOf([image.properties, image.aliases]) });
}

function listAliases(state: State, request: ApiRequest): Reply {
  const images = imagesOf(state, request);
  if (recursionOf(request) > 0)
    return sync(images.flatMap((image) => image.aliases.map((alias) => renderAlias(alias, image))));
  return sync(
    images.flatMap((image) => image.aliases.map((alias) => `/1.0/images/aliases/${encodeURIComponent(alias)}`)),
  );
}

function getAlias(state: State, request: ApiRequest): Reply {
  const alias = request.params[0] ?? "";
  const image = findImageByAlias(state, projectFor(state, request, "images"), alias);
  if (image === undefined) throw new ApiError(404, "Image alias not found");
  const rendered = renderAlias(alias, image);
  return sync(rendered, { etag: etagOf(rendered) });
}

function renderAlias(alias: string, image: ImageRecord): Record<string, unknown> {
  return { description: "", target: image.fingerprint, name: alias, type: "container" };
}

function renderImage(image: ImageRecord): Record<string, unknown> {
  return {
    auto_update: false,
    properties: image.properties,
    public: false,
    expires_at: "0001-01-01T00:00:00Z",
    profiles: ["default"],
    aliases: image.aliases.map((name) => ({ name, description: "" })),
    architecture: "x86_64",
    cached: false,
    filename: "image.tar.xz",
    fingerprint: image.fingerprint,
    size: 150_000_000,
    type: "container",
    created_at: image.createdAt,
    last_used_at: "0001-01-01T00:00:00Z",
    uploaded_at: image.createdAt,
    project: image.project,
  };
}
