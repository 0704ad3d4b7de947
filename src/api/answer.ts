import type { z } from "zod";
import type { DomainError } from "../domain/domain-error.ts";
import type { PaginationView } from "./schemas/shown.ts";

/** One way in which a call answers. */
export interface Answer<Data extends z.ZodType = z.ZodType> {
  /** What it means. */
  description: string;
  /** The schema of `data`. */
  data: Data;
  example: z.output<Data>;
  /** Where the outcome is found is said in a header. */
  hasLocation?: true;
  /** `data` is a page of a list: `meta.pagination` and `Link` go with it. */
  isPage?: true;
  /** The body is a text as it is, without the envelope: for what other programs read as a file. `data` says what is in it. */
  contentType?: string;
  /** The body goes on for as long as the client listens: pieces of text, as they come. `data` and `example` say what it looks like. */
  isStream?: true;
  /** Of a stream of events: the schema of their data. */
  eventData?: z.ZodType;
}

export type AnswerStatus = 200 | 201 | 202 | 503;
export type Answers = Partial<Record<AnswerStatus, Answer>>;

/** What a handler gives back for one of its answers. */
export interface Reply<Status extends number = number, Data = unknown> {
  status: Status;
  data: Data;
  /** `data` as JSON in UTF-8, where it was written before. */
  json?: Buffer;
  pagination?: PaginationView;
  /** Further response headers. */
  headers?: Record<string, string>;
  /** A failure that shows what there is all the same: `data` stands beside the error. */
  error?: DomainError;
}

/** What the handler of an endpoint with these answers may give back. */
export type ReplyOf<Answered extends Answers> = {
  [Status in keyof Answered & AnswerStatus]: Reply<Status, DataOf<Answered[Status]>>;
}[keyof Answered & AnswerStatus];

type DataOf<Of> = Of extends { isStream: true }
  ? AsyncIterable<string>
  : Of extends { contentType: string }
    ? string
    : Of extends { data: infer Data extends z.ZodType }
      ? z.output<Data>
      : never;
