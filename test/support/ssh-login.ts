import { readFileSync } from "node:fs";
import { run } from "../../scripts/platform/run.ts";

/** A key pair as customers make one. */
export interface SshLogin {
  publicKey: string;
  /** Runs a command as root, over SSH with the key. */
  run(ipv4: string, command: string): Promise<string>;
}

export async function makeSshLogin(keyFile: string): Promise<SshLogin> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
  return {
    publicKey: readFileSync(`${keyFile}.pub`, "utf8").trim(),
    run: (ipv4, command) =>
      run("ssh", [
        ...["-i", keyFile, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
        ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR", `root@${ipv4}`, command],
      ]),
  };
}
