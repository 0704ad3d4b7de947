/**
 * The name of an owner's instance, from its id alone (`srv_abc…` → `cn-abc…`): whoever knows the id finds the instance, whatever was or was not written
 * down about it.
 */
export function instanceName(ownerId: string): string {
  const [, random] = ownerId.split("_");
  if (!random || !/^[a-z0-9]{1,60}$/.test(random)) throw new Error(`BUG: ${ownerId} cannot name an instance`);
  return `cn-${random}`;
}

/** The name of the owner's data volume, from the id alone as well. */
export function volumeName(ownerId: string): string {
  return `${instanceName(ownerId)}-data`;
}
