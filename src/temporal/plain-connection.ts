import {
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  type Metadata,
  makeGrpcRetryInterceptor,
} from "@temporalio/client";

type GrpcInterceptor = NonNullable<ConnectionOptions["interceptors"]>[number];

const SERVICE = "/temporal.api.workflowservice.v1.WorkflowService/";
/** A call that hangs is given up: what it was for is found again, by the sweep or by whoever asks next. */
const TIMEOUT_MS = 5_000;
/** Waits for events as long as there are none. */
const NO_TIMEOUT = new Set(["GetWorkflowExecutionHistory"]);
const NAMESPACE_HEADER = "temporal-namespace";

/**
 * A connection for one namespace, whose calls have a deadline of their own.
 *
 * The library carries deadlines and headers in an AsyncLocalStorage. From its first use on, Node 20 follows every promise of the process, and an API process pays for it with
 * each read that it answers (docs/performance.md). So the deadline is set where calls go out, and the header, which is always the same, with the connection.
 */
export class PlainConnection extends Connection {
  /** Connects on first use. `timeoutMs`: of a call, its repetitions included. */
  static to(address: string, namespace: string, timeoutMs = TIMEOUT_MS): Connection {
    const interceptors = [callDeadlines(timeoutMs), makeGrpcRetryInterceptor(defaultGrpcRetryOptions())];
    return PlainConnection.lazy({ address, interceptors, metadata: { [NAMESPACE_HEADER]: namespace } });
  }

  override withMetadata<Answer>(metadata: Metadata, call: () => Promise<Answer>): Promise<Answer> {
    const isSetAlready = Object.keys(metadata).every((name) => name === NAMESPACE_HEADER);
    return isSetAlready ? call() : super.withMetadata(metadata, call);
  }
}

function callDeadlines(timeoutMs: number): GrpcInterceptor {
  return (options, nextCall) => {
    const { path } = options.method_definition;
    const isLimited = path.startsWith(SERVICE) && !NO_TIMEOUT.has(path.slice(SERVICE.length));
    const call = nextCall(isLimited ? { ...options, deadline: options.deadline ?? Date.now() + timeoutMs } : options);
    // The type asks for the library's class; its interface is all that is used.
    return call as ReturnType<GrpcInterceptor>;
  };
}
