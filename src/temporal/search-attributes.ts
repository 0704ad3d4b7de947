import type { Client } from "@temporalio/client";
import { defineSearchAttributeKey, TypedSearchAttributes } from "@temporalio/common";
import proto from "@temporalio/proto";
import { SEARCH_ATTRIBUTES } from "../domain/search-attributes.ts";
import type { ActionToStart } from "../domain/workflow-control.ts";
import { GRPC } from "./grpc-codes.ts";

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** By what the workflow of an action is found from its start. */
export function searchAttributesOf({ input, image }: ActionToStart): TypedSearchAttributes {
  const { accountId, resourceId, resourceKind, region } = input;
  const searched = { accountId, resourceId, resourceKind, region, ...(image === null ? {} : { image }) };
  return new TypedSearchAttributes(
    Object.entries(searched).map(([name, value]) => ({
      key: defineSearchAttributeKey(SEARCH_ATTRIBUTES[name as keyof typeof searched], "KEYWORD"),
      value,
    })),
  );
}

/** Adds the search attributes that the namespace lacks: no workflow starts with one that is unknown. Any process may call it at its start. */
export async function ensureSearchAttributes(client: Client): Promise<void> {
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter((name) => !Object.hasOwn(customAttributes, name));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if ((error as { code?: number }).code !== GRPC.alreadyExists) throw error;
  }
}
