import type { GuestFile } from "../src/drivers/compute.ts";
import type { GuestNetwork } from "./cloud-init.ts";

/** One static address, in the form of systemd-networkd: for guests without cloud-init. Its parts are addresses that the config has checked. */
export function guestNetworkFile(network: GuestNetwork): GuestFile {
  const lines = [
    "[Match]",
    "Name=eth0",
    "",
    "[Network]",
    `Address=${network.ipv4}/${network.prefixLength}`,
    `Gateway=${network.gateway}`,
    ...network.nameservers.map((nameserver) => `DNS=${nameserver}`),
    "IPv6AcceptRA=no",
    "",
  ];
  return { path: "/etc/systemd/network/10-eth0.network", content: lines.join("\n"), mode: 0o644 };
}
