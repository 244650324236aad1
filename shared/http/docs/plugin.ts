import { StoaError } from "@stoa/errors";
import { Elysia } from "elysia";
import { documentationAssets } from "./assets.ts";
import { describeService, type ServiceInfo } from "./describe.ts";
import type { OpenApiDocument } from "./openapi.ts";
import { documentationPage } from "./pages.ts";

/** The app that a plugin was added to, as `@elysiajs/swagger` sees it. */
class Documentation extends Elysia {
  /** Every route of the app, also those added after this plugin. */
  get documented(): AnyRoutes {
    return this.getGlobalRoutes();
  }
}

type AnyRoutes = Elysia["routes"];

/**
 * The documentation of a service: `/swagger` (a page), `/swagger/json` (OpenAPI) and the files of the page. A plugin
 * that `main.ts` adds, and the Workers root leaves out: `@elysiajs/swagger` makes a Response at start-up.
 *
 * @example
 * createApp({ ...deps, http: { ...deps.http, plugins: [documentation({ service: "projects", version })] } });
 */
export function documentation(info: ServiceInfo): Elysia {
  const plugin = new Documentation({ name: "@stoa/http/docs" });
  let document: Promise<OpenApiDocument> | undefined;
  const hidden = { detail: { hide: true } };
  plugin
    .get(
      "/swagger",
      () => html(documentationPage(`Stoa: ${info.service}`, "/swagger/assets", [definitionOf(info)])),
      hidden,
    )
    .get(
      "/swagger/json",
      () => {
        document ??= describeService(plugin.documented, info);
        return document;
      },
      hidden,
    )
    .get("/swagger/assets/:name", async ({ params }) => assetResponse(params.name), hidden);
  return plugin;
}

function definitionOf({ service }: ServiceInfo) {
  return { name: service, url: "/swagger/json" };
}

/** A page. */
export function html(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } });
}

/**
 * A file of the pages.
 *
 * @throws StoaError `not_found`
 */
export async function assetResponse(name: string): Promise<Response> {
  const asset = (await documentationAssets()).get(name);
  if (!asset) throw new StoaError("not_found");
  return new Response(asset.body, { headers: { "content-type": asset.type, "cache-control": "public, max-age=3600" } });
}
