import type { ServerBuild } from "../src/store/servers.ts";
import { cloudInitUserData } from "./cloud-init.ts";
import { hostnameOf } from "./hostname.ts";
import type { RegionCompute } from "./region-compute.ts";

/** What a server's guest is given for its first boot: its name of now, its keys, and the customer's own part. */
export function userDataOf(
  serverId: string,
  { name, publicKeys, userDataBox }: ServerBuild,
  { openSecret }: Pick<RegionCompute, "openSecret">,
): string {
  const userData = userDataBox === null ? null : openSecret(userDataBox, serverId);
  return cloudInitUserData({ hostname: hostnameOf(name), publicKeys, userData });
}
