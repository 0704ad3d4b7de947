import { ApiError, type Route } from "./wire.ts";

interface Compiled {
  segments: string[];
  byMethod: Map<string, Route>;
}

interface Found {
  route: Route;
  params: string[];
}

/** Finds the route of a path. As in Incus, an unknown path is 404 and a method that a known path lacks is 501. */
export class Router {
  readonly #paths = new Map<string, Compiled>();

  constructor(routes: Route[]) {
    for (const route of routes) {
      const compiled = this.#paths.get(route.pattern) ?? {
        segments: route.pattern.split("/"),
        byMethod: new Map<string, Route>(),
      };
      compiled.byMethod.set(route.method, route);
      this.#paths.set(route.pattern, compiled);
    }
  }

  find(method: string, path: string): Found {
    const segments = path.split("/");
    for (const { segments: pattern, byMethod } of this.#paths.values()) {
      const params = matchSegments(pattern, segments);
      if (params === null) continue;
      const route = byMethod.get(method);
      if (route === undefined) throw new ApiError(501, "not implemented");
      return { route, params };
    }
    throw new ApiError(404, "not found");
  }
}

function matchSegments(pattern: string[], segments: string[]): string[] | null {
  const hasRest = pattern.at(-1) === "**";
  if (hasRest ? segments.length < pattern.length : segments.length !== pattern.length) return null;
  const params: string[] = [];
  for (const [index, part] of pattern.entries()) {
    if (part === "**") params.push(decode(segments.slice(index).join("/")));
    else if (part === "*") params.push(decode(segments[index] ?? ""));
    else if (part !== segments[index]) return null;
  }
  return params.includes("") ? null : params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, `invalid URL escape in ${JSON.stringify(text)}`);
  }
}
