import { z } from "zod";
import type { EngineName } from "../../scripts/platform/engines/engine-session.ts";
import type { Credentials } from "./api-client.ts";
import { runForeignProgram } from "./foreign-program.ts";

const answerSchema = z.union([
  z.strictObject({ read: z.array(z.string()), read_again: z.array(z.string()) }),
  z.strictObject({ refusal: z.string() }),
]);

/** A customer's program in Python, which keeps its notes where {@link notesIn} does: each finds what the other wrote. */
export function foreignNotesIn(engine: EngineName) {
  const keep = async (credentials: Credentials, note: string) =>
    answerSchema.parse(await runForeignProgram(["notes.py", engine], credentials, { note }));
  return {
    /** Every note once this one is written, in order, as the session that wrote it and one after it read them. */
    async write(credentials: Credentials, note: string): Promise<[string[], string[]]> {
      const answer = await keep(credentials, note);
      if ("refusal" in answer) throw new Error(answer.refusal);
      return [answer.read, answer.read_again];
    },
    /** Why its library does not go on with these credentials. */
    async refusal(credentials: Credentials): Promise<string> {
      const answer = await keep(credentials, "must not be written");
      if (!("refusal" in answer)) throw new Error("it was let in");
      return answer.refusal;
    },
  };
}
