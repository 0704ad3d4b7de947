/** Shows which step runs and how long it took. */
export interface Progress {
  /** Runs `work` under a heading; `work` may report what it is doing, which is shown while the step lasts. */
  step<T>(title: string, work: (report: (detail: string) => void) => Promise<T>): Promise<T>;
  /** A line of its own between steps. */
  note: (text: string) => void;
}

const REMINDER_EVERY_MS = 10_000;

/** One line when a step begins, a reminder with the latest detail every ten seconds, one line when it ends. */
export function consoleProgress(write: (line: string) => void = (line) => console.log(line)): Progress {
  const startedMs = Date.now();
  const clock = () => `[${seconds(Date.now() - startedMs).padStart(7)}]`;
  return {
    async step(title, work) {
      const beganMs = Date.now();
      let detail = "";
      write(`${clock()} ${title} ...`);
      const reminder = setInterval(() => {
        write(`${clock()}   ${title}: ${seconds(Date.now() - beganMs)}${detail ? `, ${detail}` : ""}`);
      }, REMINDER_EVERY_MS);
      try {
        const result = await work((text) => {
          detail = text.trim().slice(0, 100);
        });
        write(`${clock()} ${title}: done in ${seconds(Date.now() - beganMs)}`);
        return result;
      } catch (error) {
        write(`${clock()} ${title}: failed after ${seconds(Date.now() - beganMs)}`);
        throw error;
      } finally {
        clearInterval(reminder);
      }
    },
    note(text) {
      write(`${clock()} ${text}`);
    },
  };
}

/** For tests and for callers that show nothing. */
export const silentProgress: Progress = {
  step: async (_title, work) => await work(() => undefined),
  note: () => undefined,
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
