import type { PayloadCodec, ProtoFailure } from "@temporalio/common";
import { visit, walkGetWorkflowExecutionHistoryResponse } from "@temporalio/common/lib/internal-non-workflow/index.js";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import type { temporal } from "@temporalio/proto";

/** What a history says of the machine it was recorded on, and what a replay does not look at. */
const LEFT_OUT = new Set([
  ...["stackTrace", "identity"],
  ...["taskId", "historySizeBytes", "meteringMetadata", "userMetadata", "workerVersion"],
]);

/** A history as JSON that can be read and replayed without a key: payloads decoded, messages back in their failures. */
export async function decodedHistory(history: temporal.api.history.v1.IHistory, codec: PayloadCodec): Promise<unknown> {
  const transformPayloads = (payloads: Parameters<PayloadCodec["decode"]>[0]) => codec.decode(payloads);
  await visit({ history }, walkGetWorkflowExecutionHistoryResponse, {
    transformPayloads,
    transformPayload: async (payload) => (await transformPayloads([payload]))[0]!,
    initialContext: undefined,
  });
  return JSON.parse(historyToJSON(history), (key, value: unknown) =>
    LEFT_OUT.has(key) ? undefined : withItsMessage(value),
  );
}

/** The stack that was encoded with the message is left out. */
function withItsMessage(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("encodedAttributes" in value)) return value;
  const { encodedAttributes, ...failure } = value as ProtoFailure & { encodedAttributes: { data: string } };
  const { message } = JSON.parse(Buffer.from(encodedAttributes.data, "base64").toString()) as { message: string };
  return { ...failure, message };
}
