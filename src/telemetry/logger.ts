import { type DestinationStream, destination, type Logger, pino, stdSerializers, stdTimeFunctions } from "pino";
import { redact } from "./redaction.ts";

export type { Logger };

export interface LoggerOptions {
  /** trace, debug, info, warn, error or silent. */
  level: string;
  /** The process: `api`, `worker`. */
  name: string;
  /** Where the lines go; standard output by default. */
  stream?: DestinationStream;
}

const FLUSH_BYTES = 16_000;
const FLUSH_INTERVAL_MS = 100;

/** JSON lines without secrets. They are written in batches, at the latest after 100 ms and when the process exits: a write per line would cost every request a system call. */
export function createLogger(options: LoggerOptions): Logger {
  const stream =
    options.stream ?? destination({ dest: 1, sync: false, minLength: FLUSH_BYTES, periodicFlush: FLUSH_INTERVAL_MS });
  return pino(
    {
      level: options.level,
      base: { name: options.name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err },
      hooks: { streamWrite: redact },
    },
    stream,
  );
}
