/** How a command ends. docs/cli.md shows the same table, and `--help` too. */
export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  notAsWished: 3,
  incomplete: 4,
  unreachable: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: "it is done",
  1: "the API refused, or a stream of events has ended",
  2: "the command line is wrong; nothing was asked",
  3: "done, but not as wished: the audit found differences, the watched action failed or was cancelled, or not all was tried again",
  4: "the audit could not compare a part",
  5: "the API is not reachable, or what answers is not the API",
  130: "interrupted (Ctrl-C); what was asked for goes on",
};
