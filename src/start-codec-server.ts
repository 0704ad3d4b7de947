import { type Listener, listen } from "./api/listener.ts";
import { createCodecApp } from "./codec-server/app.ts";
import type { CodecServerConfig } from "./config/codec-server.ts";
import type { Logger } from "./telemetry/logger.ts";
import { PayloadEncryption } from "./temporal/payload-encryption.ts";

/** The codec server, listening. It has the codec keys and nothing else: no database, no Temporal. */
export function startCodecServer(config: CodecServerConfig, logger: Logger): Promise<Listener> {
  const codec = new PayloadEncryption(config.codecKeys);
  const app = createCodecApp({ codec, operatorKey: config.operatorKey, origins: config.origins, logger });
  return listen(app, config.listener);
}
