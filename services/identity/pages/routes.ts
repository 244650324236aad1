import { StoaError } from "@stoa/errors";
import { icon } from "@stoa/http/docs/own-assets";
import { Elysia } from "elysia";
import type { Deps } from "../deps.ts";
import script from "./browser.js" with { type: "text" };
import { pages } from "./page.ts";
import style from "./style.css" with { type: "text" };

/**
 * Stricter than `CSP_MODE` may be: these pages hold tokens and passwords. They load only our own script and style, ask only
 * our own API, and no form of theirs is ever sent by the browser itself.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const assets: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "browser.js": ["text/javascript; charset=utf-8", script],
  "style.css": ["text/css; charset=utf-8", style],
  "icon.svg": ["image/svg+xml", icon],
};

/** The pages that mails link to, and the files that they load. They work without a client of Stoa, in every topology. */
export function pageRoutes({ http }: Pick<Deps, "http">) {
  const app = new Elysia({ normalize: false, ...(http.adapter && { adapter: http.adapter }) });
  const hidden = { detail: { hide: true } };
  for (const [name, html] of Object.entries(pages)) {
    app.get(`/${name}`, () => answer("text/html; charset=utf-8", html), hidden);
  }
  return app.get(
    "/pages/:name",
    ({ params }) => {
      const asset = Object.hasOwn(assets, params.name) ? assets[params.name] : undefined;
      if (!asset) throw new StoaError("not_found");
      return answer(...asset);
    },
    hidden,
  );
}

function answer(type: string, body: string): Response {
  const headers = { "content-type": type, "content-security-policy": policy, "cache-control": "public, max-age=300" };
  return new Response(body, { headers });
}
