import { ComputeError, type EngineImageView, type ImageView } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import { assertTrusted } from "./health.ts";
import { apiPath, type Transport } from "./transport.ts";
import type { WireImage } from "./wire.ts";

/** What the builder of the engine images writes on them. */
const ENGINE = "cloudnexus.engine";
const MAJOR = "cloudnexus.major";
const VERSION = "cloudnexus.version";
const IMPLEMENTATION = "cloudnexus.implementation";

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

    /** One for each engine and major: an image that was built anew leaves the former one behind until somebody deletes it. */
    async listEngineImages(): Promise<EngineImageView[]> {
      const images = await transport.read<WireImage[]>(apiPath("images"), { query: { recursion: "1" } });
      images.sort((a, b) => Date.parse(a.uploaded_at) - Date.parse(b.uploaded_at));
      const newest = new Map<string, EngineImageView>();
      for (const image of images) {
        const view = engineViewOf(image);
        if (view) newest.set(`${view.engine} ${view.major}`, view);
      }
      // To a stranger, private images do not exist.
      if (newest.size === 0) await assertTrusted(transport);
      return [...newest.values()];
    },
  };
}

/** Null unless all our properties are there: half a description offers nothing. */
function engineViewOf({ fingerprint, properties }: WireImage): EngineImageView | null {
  const { [ENGINE]: engine, [MAJOR]: major, [VERSION]: version, [IMPLEMENTATION]: implementation } = properties ?? {};
  if (!engine || !major || !version || !implementation) return null;
  return { fingerprint, engine, major, version, implementation };
}
