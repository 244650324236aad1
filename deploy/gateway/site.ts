/**
 * Writes the gateway's pages as files, for Caddy: `bun deploy/gateway/site.ts <folder>`. They are the responses of the
 * app that standalone serves, and the merged OpenAPI document is the one in the repository.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { services } from "@stoa/events";
import type { HttpDeps } from "@stoa/http";
import { documentationAssets, type OpenApiDocument } from "@stoa/http/docs/index";
import openapi from "../../docs/openapi.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };
import { createGateway } from "./app.ts";

/** Writes the site into a folder, which is created if it is missing. Returns the names of the files. */
export async function writeSite(folder: string): Promise<string[]> {
  const gateway = createGateway(settings(packageJson.version), {
    identity: notShown,
    projects: notShown,
    messaging: notShown,
  });
  const written: string[] = [];
  for (const [name, path, accept] of await pages()) {
    const headers = { accept, "x-request-id": "site" };
    const response = await gateway.handle(new Request(`http://gateway.internal${path}`, { headers }));
    if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
    await write(folder, name, await response.bytes());
    written.push(name);
  }
  await write(folder, "openapi.json", JSON.stringify(openapi satisfies object));
  return [...written, "openapi.json"];
}

async function pages(): Promise<(readonly [file: string, path: string, accept: string])[]> {
  const assets = [...(await documentationAssets()).keys()];
  return [
    ["index.json", "/", "*/*"],
    ["docs/index.html", "/docs", "text/html"],
    ["docs/errors.html", "/docs/errors", "text/html"],
    ["docs/errors.json", "/docs/errors", "application/json"],
    ...services.map((service) => [`docs/${service}.html`, `/docs/${service}`, "text/html"] as const),
    ...assets.map((name) => [`docs/assets/${name}`, `/docs/assets/${name}`, "*/*"] as const),
  ];
}

async function write(folder: string, name: string, body: string | Uint8Array): Promise<void> {
  const target = join(folder, name);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, body);
}

/** The site has no document of a single service, because Caddy fetches it from the service. */
function notShown(): Promise<OpenApiDocument> {
  return Promise.reject(new Error("A service's document is not part of the site."));
}

function settings(version: string): HttpDeps {
  const silent = () => undefined;
  return {
    service: "gateway",
    version,
    environment: "production",
    verify: () => Promise.reject(new Error("A page is never requested with a token.")),
    now: () => new Date(),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    cors_origins: [],
    csp_mode: "strict",
    trusted_proxies: [],
    rate_limit_scale: 0,
    database: () => Promise.resolve(),
    schema_current: () => true,
    events: () => ({ transport: "none", lag: null, reasons: [] }),
    addressOf: () => undefined,
  };
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error("usage: bun deploy/gateway/site.ts <folder>");
    process.exitCode = 2;
  } else {
    console.log(`${(await writeSite(folder)).length} files in ${folder}`);
  }
}
