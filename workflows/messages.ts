import { defineUpdate } from "@temporalio/workflow";
import { ADDRESS_ALLOCATED_UPDATE, type AddressAllocated } from "../src/domain/workflow-contracts.ts";

/** Answers as soon as the create has its address, or fails with the code that kept it from getting one. */
export const addressAllocated = defineUpdate<AddressAllocated>(ADDRESS_ALLOCATED_UPDATE);
