import { expect, test } from "vitest";
import type { ComputeErrorCode } from "../../src/drivers/compute.ts";
import { IncusError, type IncusErrorName, type IncusFault } from "../../src/drivers/incus/error-table.ts";

const socket = (socketCode: string): IncusFault => ({ source: "socket", status: null, text: "broken", socketCode });
const answer = (status: number, text = "no text that is known"): IncusFault => ({ source: "answer", status, text });
const ended = (text: string, status: number | null = 500): IncusFault => ({ source: "operation", status, text });
const forgotten: IncusFault = { source: "forgotten", status: null, text: "" };
const TRANSIENT = true;
const PERMANENT = false;
const CREATING = "Failed creating instance record: ";

const CASES: [IncusFault, IncusErrorName, ComputeErrorCode, boolean][] = [
  [socket("CERTIFICATE_MISMATCH"), "certificate_mismatch", "infrastructure_unauthorized", PERMANENT],
  [socket("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "tls_refused", "infrastructure_unauthorized", PERMANENT],
  [socket("EPROTO"), "tls_refused", "infrastructure_unauthorized", PERMANENT],
  [socket("EACCES"), "socket_forbidden", "infrastructure_unauthorized", PERMANENT],
  [socket("ECONNREFUSED"), "unreachable", "infrastructure_unavailable", TRANSIENT],
  [socket("ENOENT"), "unreachable", "infrastructure_unavailable", TRANSIENT],
  [socket("UND_ERR_CONNECT_TIMEOUT"), "unreachable", "infrastructure_unavailable", TRANSIENT],
  [socket("ECONNRESET"), "answer_lost", "infrastructure_unavailable", TRANSIENT],
  [socket("UND_ERR_SOCKET"), "answer_lost", "infrastructure_unavailable", TRANSIENT],
  [socket(""), "answer_lost", "infrastructure_unavailable", TRANSIENT],
  [forgotten, "operation_forgotten", "infrastructure_unavailable", TRANSIENT],
  [
    ended("Failed creating instance from image: write: no space left on device"),
    "storage_full",
    "storage_full",
    PERMANENT,
  ],
  [ended("Failed to run: btrfs qgroup limit: Disk quota exceeded"), "storage_full", "storage_full", PERMANENT],
  [answer(507), "storage_full", "storage_full", PERMANENT],
  [
    ended(
      `${CREATING}Invalid devices: Device validation failed for "eth0": IP address "10.0.0.7" already defined on another NIC`,
    ),
    "address_in_use",
    "address_in_use",
    PERMANENT,
  ],
  [
    ended('MAC address "02:ce:0a:58:00:07" already defined on another NIC', 409),
    "address_in_use",
    "address_in_use",
    PERMANENT,
  ],
  [ended('Instance DNS name "cn-abc" already used on network', 409), "dns_name_taken", "instance_conflict", PERMANENT],
  [ended(`${CREATING}Instance "cn-abc" already exists`), "instance_exists", "instance_conflict", TRANSIENT],
  [
    ended(`${CREATING}Failed to create "instances" entry: UNIQUE constraint failed: instances.name`),
    "instance_exists",
    "instance_conflict",
    TRANSIENT,
  ],
  [answer(409, "Volume by that name already exists"), "volume_exists", "instance_conflict", TRANSIENT],
  [answer(400, "The network ACL already exists"), "acl_exists", "infrastructure_error", TRANSIENT],
  [answer(400, "The storage volume is still in use"), "volume_in_use", "infrastructure_error", TRANSIENT],
  [answer(404, "Image not found"), "image_missing", "image_unavailable", PERMANENT],
  [answer(404, 'Image "f00d" not found'), "image_missing", "image_unavailable", PERMANENT],
  [ended("Image not provided for instance creation"), "image_missing", "image_unavailable", PERMANENT],
  [ended("Image with same fingerprint already exists"), "image_busy", "infrastructure_error", TRANSIENT],
  [ended('Instance is busy running a "create" operation'), "instance_busy", "infrastructure_error", TRANSIENT],
  [ended("A matching non-reusable operation has now succeeded"), "instance_busy", "infrastructure_error", TRANSIENT],
  [ended("The instance is already running"), "instance_running", "infrastructure_error", TRANSIENT],
  [answer(400, "Instance is running"), "instance_running", "infrastructure_error", TRANSIENT],
  [ended("The instance is already stopped", 400), "instance_stopped", "infrastructure_error", TRANSIENT],
  [ended('Reached maximum number of instances in project "p"'), "no_capacity", "no_capacity", PERMANENT],
  [answer(500, "No suitable cluster member could be found"), "no_capacity", "no_capacity", PERMANENT],
  [answer(500, "database is locked"), "daemon_away", "infrastructure_unavailable", TRANSIENT],
  [answer(503), "daemon_away", "infrastructure_unavailable", TRANSIENT],
  [answer(429), "daemon_away", "infrastructure_unavailable", TRANSIENT],
  [answer(403, "Cluster member is evacuated"), "daemon_away", "infrastructure_unavailable", TRANSIENT],
  [ended("the operation was cancelled", null), "daemon_away", "infrastructure_unavailable", TRANSIENT],
  [
    ended(`${CREATING}Invalid devices: Device IP address "1.2.3.4" not within network "br0" subnet`),
    "config_rejected",
    "instance_rejected",
    PERMANENT,
  ],
  [
    ended(
      `${CREATING}Failed initializing instance: Failed add validation for device "data": Failed loading custom volume: Storage volume not found`,
      404,
    ),
    "config_rejected",
    "instance_rejected",
    PERMANENT,
  ],
  [
    answer(500, "Invalid ingress rule 0: Invalid Source: Invalid subject"),
    "config_rejected",
    "instance_rejected",
    PERMANENT,
  ],
  [answer(403, "not authorized"), "unauthorized", "infrastructure_unauthorized", PERMANENT],
  [answer(401), "unauthorized", "infrastructure_unauthorized", PERMANENT],
  [answer(404, "Network not found"), "not_found", "infrastructure_error", PERMANENT],
  [answer(412, "ETag doesn't match: a vs b"), "changed_meanwhile", "infrastructure_error", TRANSIENT],
  [answer(409), "changed_meanwhile", "infrastructure_error", TRANSIENT],
  [answer(400), "request_rejected", "instance_rejected", PERMANENT],
  [answer(500), "unexpected", "infrastructure_error", TRANSIENT],
  [ended("exit status 1"), "unexpected", "infrastructure_error", TRANSIENT],
];

test.each(CASES)("%o is %s", (fault, row, code, transient) => {
  expect(new IncusError("GET /1.0", fault)).toMatchObject({ row, code, transient });
});

test("the message names the request, what was said and, where it helps, what to do", () => {
  const { message } = new IncusError("GET /1.0", { ...socket("ECONNREFUSED"), text: "connect ECONNREFUSED" });
  expect(message).toMatch(/^GET \/1\.0: connect ECONNREFUSED \(check that Incus runs/);
});

test("a text of any length fits into a message", () => {
  const { message } = new IncusError("GET /1.0", answer(500, `${"x".repeat(5_000)} the cause`));
  expect(message.length).toBeLessThan(800);
  expect(message).toContain("the cause");
});
