import { extractPictures } from "./images.ts";
import { icon, initScript, stylesheet } from "./own-assets.ts";

/** A file of the documentation pages. */
export interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

const javascript = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";

/**
 * The files that the pages load, by name: Swagger UI out of its package and our own. All come from here, so that the
 * pages work with no network and under `default-src 'self'`. Read when first asked for: they are 2 MB that most
 * processes never show.
 */
export function documentationAssets(): Promise<ReadonlyMap<string, Asset>> {
  loaded ??= load();
  return loaded;
}

let loaded: Promise<ReadonlyMap<string, Asset>> | undefined;

async function load(): Promise<ReadonlyMap<string, Asset>> {
  const [bundle, preset, styles] = await Promise.all([
    import("swagger-ui-dist/swagger-ui-bundle.js", { with: { type: "text" } }),
    import("swagger-ui-dist/swagger-ui-standalone-preset.js", { with: { type: "text" } }),
    import("swagger-ui-dist/swagger-ui.css", { with: { type: "text" } }),
  ]);
  const extracted = extractPictures(withoutSourceMap(styles.default), "picture-");
  return new Map<string, Asset>([
    ["swagger-ui-bundle.js", { type: javascript, body: withoutSourceMap(bundle.default) }],
    ["swagger-ui-standalone-preset.js", { type: javascript, body: withoutSourceMap(preset.default) }],
    ["swagger-ui.css", { type: css, body: extracted.css }],
    ["init.js", { type: javascript, body: initScript }],
    ["stoa.css", { type: css, body: stylesheet }],
    ["icon.svg", { type: "image/svg+xml", body: icon }],
    ...extracted.pictures,
  ]);
}

/** The maps are not served; a browser's tools would ask for them in vain. */
function withoutSourceMap(text: string): string {
  return text.replace(/\n?(?:\/\/|\/\*)# sourceMappingURL=[^\n]*\s*$/, "\n");
}
