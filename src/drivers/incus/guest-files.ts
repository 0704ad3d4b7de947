import { ComputeError, type GuestFile, type Owner } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import { isMissingFile, octal } from "./files.ts";
import type { Pulse } from "./heartbeat.ts";
import { ownInstance, type Region } from "./region.ts";
import type { WireFile } from "./wire.ts";

/**
 * Writes files into the owner's instance, in their order. One that is there as asked is left alone, so that a repetition does not stir a guest that watches
 * it. A new file gets its mode just after its content: a secret belongs into a folder that is closed.
 */
export async function writeFiles(region: Region, owner: Owner, files: GuestFile[], pulse: Pulse): Promise<void> {
  const { name } = await ownInstance(region, owner, pulse.signal);
  for (const file of files) {
    if (!(await pulse.isWanted())) return;
    await writeFile(region, name, file, pulse.signal);
  }
}

/** The content of a file of the owner's instance; null if it is not there. */
export async function readFile(region: Region, owner: Owner, path: string, pulse: Pulse): Promise<string | null> {
  const { name } = await ownInstance(region, owner, pulse.signal);
  const found = await region.files.find(name, path, pulse.signal);
  if (!found) return null;
  if (found.type !== "file") throw unusable(region, name, path, `is no file but a ${found.type}`);
  return found.content;
}

async function writeFile(region: Region, instance: string, file: GuestFile, signal: AbortSignal): Promise<void> {
  const found = await region.files.find(instance, file.path, signal);
  if (found?.type === "directory") throw unusable(region, instance, file.path, "is a folder");
  if (found && isAsAsked(found, file)) return;
  // Incus gives mode and owner to new files only, and follows links.
  if (found && !hasAttributes(found, file)) await removeFile(region, instance, file.path, signal);
  try {
    await region.files.write(instance, file, signal);
  } catch (error) {
    if (isMissingFile(error)) throw unusable(region, instance, file.path, "has no folder to be in");
    if (!(error instanceof IncusError) || !error.leavesDoubt) throw error;
    const now = await region.files.find(instance, file.path, signal);
    if (!now || !isAsAsked(now, file)) throw error;
  }
}

async function removeFile(region: Region, instance: string, path: string, signal: AbortSignal): Promise<void> {
  try {
    await region.files.delete(instance, path, signal);
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
}

function isAsAsked(found: WireFile, file: GuestFile): boolean {
  return hasAttributes(found, file) && found.content === file.content;
}

function hasAttributes(found: WireFile, file: GuestFile): boolean {
  return found.type === "file" && found.mode === octal(file.mode) && found.uid === "0" && found.gid === "0";
}

function unusable(region: Region, instance: string, path: string, what: string): ComputeError {
  const text = `region ${region.name}: ${path} in the instance ${instance} ${what}; its image is not the one that is expected`;
  return new ComputeError("infrastructure_error", text, { transient: false });
}
