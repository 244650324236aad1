import { type ServiceName, services } from "@stoa/events";
import { createService, type HttpDeps } from "@stoa/http";
import {
  assetResponse,
  documentationPage,
  errorList,
  errorsPage,
  html,
  mergeDocuments,
  type OpenApiDocument,
} from "@stoa/http/docs/index";
import { type AnyElysia, Elysia } from "elysia";

/** The OpenAPI documents of the services. Each function is called once. */
export type Documents = Readonly<Record<ServiceName, () => Promise<OpenApiDocument>>>;

/**
 * The app for what the gateway answers itself: `/`, the documentation of all services, their health (that of `http`),
 * and 404 for every unknown path. Standalone serves it; for Caddy its pages are written to files (`site.ts`).
 */
export function createGateway(http: HttpDeps, documents: Documents): AnyElysia {
  return createService(http, [pages(http.version, documents)]);
}

function pages(version: string, documents: Documents): AnyElysia {
  const known = new Map<ServiceName, Promise<OpenApiDocument>>();
  const documentOf = (service: ServiceName) => {
    const document = known.get(service) ?? documents[service]();
    known.set(service, document);
    return document;
  };
  let merged: Promise<OpenApiDocument> | undefined;
  const app = new Elysia({ normalize: false })
    .get("/", () => ({ name: "Stoa", version, api: "/api/v1", docs: "/docs", health: "/health" }))
    .get("/api/v1/openapi.json", () => {
      merged ??= mergeAll(version, documentOf);
      return merged;
    })
    .get("/docs", () => html(documentationPage("Stoa", assets, [everything, ...services.map(definitionOf)])))
    .get("/docs/assets/:name", ({ params }) => assetResponse(params.name))
    .get("/docs/errors", ({ request }) => {
      const answer = wantsJson(request) ? Response.json({ items: errorList() }) : html(errorsPage(assets));
      answer.headers.set("vary", "Accept");
      return answer;
    });
  for (const service of services) {
    app
      .get(`/docs/${service}`, () => html(documentationPage(`Stoa: ${service}`, assets, [definitionOf(service)])))
      .get(`/docs/${service}/json`, () => documentOf(service));
  }
  return app;
}

const assets = "/docs/assets";

/** What the page opens on. */
const everything = { name: "all of Stoa", url: "/api/v1/openapi.json" };

function definitionOf(service: ServiceName) {
  return { name: service, url: `/docs/${service}/json` };
}

async function mergeAll(version: string, documentOf: (service: ServiceName) => Promise<OpenApiDocument>) {
  const documents = await Promise.all(services.map(async (name) => [name, await documentOf(name)] as const));
  return mergeDocuments(new Map(documents), version);
}

/** Programs accept JSON; browsers accept HTML as well. */
function wantsJson(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}
