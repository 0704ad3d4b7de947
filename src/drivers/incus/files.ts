import type { GuestFile } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import { apiPath, type Transport } from "./transport.ts";
import type { WireFile } from "./wire.ts";

export type Files = ReturnType<typeof createFiles>;

/** The requests of the noun file: of an instance, by its absolute path inside. The guest may run or not. */
export function createFiles(transport: Transport) {
  const pathOf = (instance: string) => apiPath("instances", instance, "files");
  return {
    async find(instance: string, path: string, signal: AbortSignal): Promise<WireFile | null> {
      try {
        const found = await transport.read<WireFile | string[]>(pathOf(instance), { query: { path }, signal });
        return Array.isArray(found) ? folder() : found;
      } catch (error) {
        if (isMissingFile(error)) return null;
        throw error;
      }
    },

    /** Makes the file or replaces its content. Owner and mode count only for a file that is not there yet, and are set after its content. */
    async write(instance: string, file: GuestFile, signal: AbortSignal): Promise<void> {
      const attributes = { type: "file", write: "overwrite", uid: "0", gid: "0", mode: octal(file.mode) };
      await transport.write({
        method: "POST",
        path: pathOf(instance),
        query: { path: file.path },
        headers: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`x-incus-${name}`, value])),
        content: file.content,
        signal,
      });
    },

    async delete(instance: string, path: string, signal: AbortSignal): Promise<void> {
      await transport.write({ method: "DELETE", path: pathOf(instance), query: { path }, signal });
    },
  };
}

/** Incus says of a missing file, or a missing folder of one, nothing but the status; of a missing instance it says more. */
export function isMissingFile(error: unknown): boolean {
  return error instanceof IncusError && error.status === 404 && !/(instance|project) not found/i.test(error.text);
}

/** As Incus writes modes. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function folder(): WireFile {
  return { type: "directory", mode: "", uid: "", gid: "", content: "" };
}
