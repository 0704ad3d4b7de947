import { beforeAll } from "vitest";
import { describeComputeDriver } from "./contract.ts";
import { describeDatabaseDriver } from "./data-contract.ts";
import { type SimulatedRegion, startSimulatedRegion } from "./simulated-region.ts";

let region: SimulatedRegion;

beforeAll(async () => {
  region = await startSimulatedRegion();
  return () => region.stop();
});

describeComputeDriver("Incus driver on the simulator", () => region);
describeDatabaseDriver("Incus driver on the simulator", () => region);
