import {
  CREATE_DATABASE_STEPS,
  CREATE_SERVER_STEPS,
  DELETE_DATABASE_STEPS,
  DELETE_SERVER_STEPS,
} from "../../src/domain/workflow-contracts.ts";
import type { Answer } from "./api-client.ts";
import type { Slate } from "./clean-slate.ts";
import { createSshKey } from "./ssh-keys.ts";
import type { World } from "./world.ts";

/** What the tests of creates and deletes are generated for: the two kinds of resource. */
export interface Subject {
  kind: "server" | "database";
  path: "/v1/servers" | "/v1/databases";
  createSteps: readonly string[];
  deleteSteps: readonly string[];
  /** The undos of a create, by their activities. */
  undos: string[];
  /** Steps in local activities: they are cancelled by their workflow's next task, so one that is held has to end for that. */
  localSteps: string[];
  /** What shows on a resource that has no address. */
  withoutAddress: object;
  /** What one of it adds to the slate. */
  leaves: Partial<Record<keyof Slate, number>>;
  /** Makes a world ready for it; returns how to create one. */
  prepare(world: World): Promise<(name: string) => Promise<Answer>>;
}

export const SERVER: Subject = {
  kind: "server",
  path: "/v1/servers",
  createSteps: CREATE_SERVER_STEPS,
  deleteSteps: DELETE_SERVER_STEPS,
  undos: ["releaseIpAddress", "releaseCapacity", "detachSshKeys", "deleteInstance", "stopInstance", "unmarkActive"],
  localSteps: ["reserve_capacity", "attach_ssh_keys"],
  withoutAddress: { ipv4: null },
  leaves: { instances: 1, leases: 1, addresses: 1, capacity: 1, quotaHolds: 1, attachedKeys: 1 },
  async prepare(world) {
    const sshKeyId = await createSshKey(world.api);
    return (name) => world.api.createServer(name, { ssh_keys: [sshKeyId] });
  },
};

export const DATABASE: Subject = {
  kind: "database",
  path: "/v1/databases",
  createSteps: CREATE_DATABASE_STEPS,
  deleteSteps: DELETE_DATABASE_STEPS,
  undos: [
    "releaseIpAddress",
    "releaseCapacity",
    "forgetCredentials",
    "discardCertificate",
    "deleteVolume",
    "removeAccessRules",
    "deleteInstance",
    "stopInstance",
    "unmarkActive",
  ],
  localSteps: ["reserve_capacity", "generate_credentials", "issue_certificate"],
  withoutAddress: { endpoint: { host: null, port: 5432 } },
  // The volumes are the instance's root and the data's; the rules are about strangers, and about other ports over TCP and UDP.
  leaves: {
    instances: 1,
    leases: 1,
    addresses: 1,
    capacity: 1,
    quotaHolds: 1,
    credentials: 1,
    certificates: 1,
    volumes: 2,
    accessRules: 3,
  },
  async prepare(world) {
    await world.enginesOffered();
    return (name) => world.api.createDatabase(name, { trusted_sources: ["10.88.0.0/24", "192.0.2.7/32"] });
  },
};

/** The workflow that an action of the subject has, by the count of its kind. */
export function workflowIdOf(subject: Subject, type: string, id: string, attempt = 1): string {
  return `${type.replaceAll("_", "-")}-${subject.kind}/${id}/${attempt}`;
}
