import autocannon from "autocannon";

export const CONNECTIONS = 16;

export interface Target {
  url: string;
  headers: Record<string, string>;
  /** Asked in turn instead of the URL's own path, by each connection from another place on, so that few ask for the same at once. */
  paths?: string[];
}

export interface Load {
  perSecond: number;
  p99Ms: number;
}

/** Asks as often as it is answered, over connections that stay open. Rejects if anything is not answered with success. */
export async function load({ url, headers, paths }: Target, seconds: number): Promise<Load> {
  let clients = 0;
  const result = await autocannon({
    ...{ url, headers, connections: CONNECTIONS, duration: seconds },
    setupClient: (client) => {
      if (paths) client.setRequests(from(paths, clients++).map((path) => ({ path, headers })));
    },
  });
  const wrong = result.non2xx + result.errors + result.timeouts;
  if (wrong > 0) throw new Error(`${wrong} requests to ${url} were not answered with success`);
  return { perSecond: result.requests.average, p99Ms: result.latency.p99 };
}

function from(paths: string[], client: number): string[] {
  const start = Math.floor((client * paths.length) / CONNECTIONS);
  return [...paths.slice(start), ...paths.slice(0, start)];
}
