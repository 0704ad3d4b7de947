import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Reads take milliseconds, creates some tens, and `?wait=60` up to a minute. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const METHODS = new Set(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]);

export interface AnsweredRequest {
  method: string;
  /** The route's pattern; null: unmatched. */
  route: string | null;
  status: number;
  seconds: number;
  errorCode: string | null;
}

/** What the API counts of every request. The children of a series are kept at hand: looking them up by their labels would cost more than counting. */
export class HttpMetrics {
  private readonly requests: Counter<"method" | "route" | "status">;
  private readonly durations: Histogram<"method" | "route">;
  private readonly errors: Counter<"code">;
  private readonly refused: Counter<"code">;
  private readonly series = new Map<string, { count: Counter.Internal; duration: Histogram.Internal<string> }>();
  private inFlight = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: "cloudnexus_http_requests_total",
      help: "Requests that were answered, or whose client went away",
      labelNames: ["method", "route", "status"],
      registers,
    });
    this.durations = new Histogram({
      name: "cloudnexus_http_request_duration_seconds",
      help: "From the headers of a request to the end of its answer",
      labelNames: ["method", "route"],
      buckets: BUCKETS_S,
      registers,
    });
    this.errors = new Counter({
      name: "cloudnexus_http_errors_total",
      help: "Answers with an error, by its code",
      labelNames: ["code"],
      registers,
    });
    this.refused = new Counter({
      name: "cloudnexus_http_connections_refused_total",
      help: "Connections that were closed because what came was no HTTP, too large or too slow, by the code of the refusal",
      labelNames: ["code"],
      registers,
    });
    const read = () => this.inFlight;
    new Gauge({
      name: "cloudnexus_http_requests_in_flight",
      help: "Requests that are being answered",
      registers,
      collect() {
        this.set(read());
      },
    });
  }

  begin(): void {
    this.inFlight += 1;
  }

  end({ method, route, status, seconds, errorCode }: AnsweredRequest): void {
    this.inFlight -= 1;
    const series = this.seriesOf(METHODS.has(method) ? method : "other", route ?? "unmatched", status);
    series.count.inc();
    series.duration.observe(seconds);
    if (errorCode !== null) this.errors.inc({ code: errorCode });
  }

  refuseConnection(code: string): void {
    this.refused.inc({ code });
  }

  private seriesOf(method: string, route: string, status: number) {
    const key = `${method} ${status} ${route}`;
    let series = this.series.get(key);
    if (!series) {
      series = {
        count: this.requests.labels({ method, route, status }),
        duration: this.durations.labels({ method, route }),
      };
      this.series.set(key, series);
    }
    return series;
  }
}
