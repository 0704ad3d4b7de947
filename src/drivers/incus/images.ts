import { ComputeError, type ImageView } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import { assertTrusted } from "./health.ts";
import { apiPath, type Transport } from "./transport.ts";

export function createImages(transport: Transport) {
  return {
    async findByAlias(alias: string): Promise<ImageView> {
      try {
        const { target } = await transport.read<{ target: string }>(apiPath("images", "aliases", alias));
        return { fingerprint: target, alias };
      } catch (error) {
        if (!(error instanceof IncusError) || error.status !== 404 || /project not found/i.test(error.text))
          throw error;
        // To a stranger, private images do not exist.
        await assertTrusted(transport);
        const text = `the region has no image with the alias ${alias}: import it, or take it out of the configuration`;
        throw new ComputeError("image_unavailable", text, { transient: false, cause: error });
      }
    },
  };
}
