import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { catalogue } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import { createService, Id, operation } from "@stoa/http";
import { controller } from "@stoa/http/controller";
import { describeService, type OpenApiDocument } from "@stoa/http/docs/index";
import { chromium, httpDeps } from "@stoa/testing";
import type { Browser } from "playwright-core";
import { createGateway } from "./app.ts";
import { dispatch } from "./dispatch.ts";

const http = httpDeps({ service: "gateway", version: "1.2.3", rate_limit_scale: 1 });

/** A service with one resource, and a schema whose name is the same in every service. */
function service(name: ServiceName) {
  const resource = { identity: "users", projects: "tasks", messaging: "messages" }[name];
  const Item = Type.Object({ id: Id(), [`${name}_only`]: Type.String() }, { title: "Item" });
  const routes = controller({}).get(
    `/api/v1/${resource}/:id`,
    ({ params }) => ({ ...params }),
    operation({
      id: `${resource}.get`,
      access: "user",
      summary: `Read one of ${resource}`,
      tags: [resource],
      params: Type.Object({ id: Id() }),
      answer: Item,
    }),
  );
  return createService({ ...http, service: name }, name === "identity" ? [routes, login] : [routes]);
}

/** A login, as identity has one. */
const login = controller({}).post(
  "/api/v1/auth/login",
  ({ body }) => ({ access_token: `token-of-${body.username}`, token_type: "bearer" }),
  operation({
    id: "auth.login",
    access: "anyone",
    summary: "Log in",
    tags: ["sessions"],
    body: Type.Object({ username: Type.String(), password: Type.String() }),
    form: Type.Object({
      grant_type: Type.Literal("password"),
      scope: Type.Optional(Type.String()),
      client_id: Type.Optional(Type.String()),
      client_secret: Type.Optional(Type.String()),
    }),
  }),
);

const apps = { identity: service("identity"), projects: service("projects"), messaging: service("messaging") };
const asked: string[] = [];
const documentOf = (name: ServiceName) => () => {
  asked.push(name);
  return describeService(apps[name].routes, { service: name, version: "1.2.3" });
};
const gateway = createGateway(http, {
  identity: documentOf("identity"),
  projects: documentOf("projects"),
  messaging: documentOf("messaging"),
});
const handle = (received: Request): Response | Promise<Response> => {
  const { to, request } = dispatch(received);
  return (to === "gateway" ? gateway : apps[to]).handle(request);
};
const get = (path: string, headers: Record<string, string> = {}) =>
  handle(new Request(`http://stoa.test${path}`, { headers }));

describe("the gateway", () => {
  test("describes itself at /", async () => {
    const response = await get("/");
    expect(await response.json()).toEqual({
      name: "Stoa",
      version: "1.2.3",
      api: "/api/v1",
      docs: "/docs",
      health: "/health",
    });
    expect(response.headers.get("content-security-policy")).toStartWith("default-src 'self'");
  });

  test("answers HEAD like GET, and 405 to other methods", async () => {
    const head = await handle(new Request("http://stoa.test/docs", { method: "HEAD" }));
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await handle(new Request("http://stoa.test/docs", { method: "POST", body: "x" }));
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  test.each(["/nothing", "/api/v1/nothing", "/docs/nobody", "/docs/nobody/json", "/docs/assets/nothing.js"])(
    "answers %s with 404 as a problem document",
    async (path) => {
      const response = await get(path);
      expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
      expect(await response.json()).toMatchObject({ error_code: "not_found", instance: path });
    },
  );

  test("shows the health of all services at /health and at the older paths", async () => {
    expect(await (await get("/health")).json()).toMatchObject({ status: "ok", database: "ok" });
    for (const path of ["/live", "/ready", "/db-test", "/test-db"]) expect((await get(path)).status).toBe(200);
    expect((await get("/health/projects")).status).toBe(200);
  });

  test("lists every error, as a page with anchors and as JSON", async () => {
    const page = await get("/docs/errors", { accept: "text/html,application/json;q=0.9" });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await page.text();
    const list = await get("/docs/errors", { accept: "application/json" });
    const { items } = (await list.json()) as { items: { error_code: string }[] };
    expect(list.headers.get("vary")).toContain("Accept");
    for (const code of Object.keys(catalogue)) expect(html).toContain(`id="${code}"`);
    expect(items.map(({ error_code }) => error_code).sort()).toEqual(Object.keys(catalogue).sort());
  });

  test("answers /redoc as /docs, without a redirect", async () => {
    expect(await (await get("/redoc")).text()).toBe(await (await get("/docs")).text());
  });
});

describe("the documents", () => {
  test.each([...services])("of %s are its own", async (name) => {
    const document = (await (await get(`/docs/${name}/json`)).json()) as OpenApiDocument;
    expect(document.info.title).toBe(`Stoa: ${name}`);
    expect(Object.keys(document.paths)[0]).toStartWith("/api/v1/");
  });

  test("are merged at /api/v1/openapi.json, where each name means one schema", async () => {
    const document = (await (await get("/api/v1/openapi.json")).json()) as OpenApiDocument;
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(["/api/v1/users/{id}", "/api/v1/tasks/{id}", "/api/v1/messages/{id}", "/health"]),
    );
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Item", "ProjectsItem", "MessagingItem", "Problem"]),
    );
    for (const [, kind, name] of JSON.stringify(document).matchAll(/#\/components\/(\w+)\/([\w.-]+)/g)) {
      expect(document.components[kind as "schemas"]).toHaveProperty([String(name)]);
    }
  });

  test("are fetched once from each service", async () => {
    await get("/api/v1/openapi.json");
    for (const name of services) await get(`/docs/${name}/json`);
    expect(asked.sort()).toEqual([...services].sort());
  });
});

describe("the page of all services, in a browser that may load only from this origin", () => {
  let browser: Browser;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const response = await handle(request);
      response.headers.set("content-security-policy", "default-src 'self'");
      return response;
    },
  });

  beforeAll(async () => {
    browser = await chromium();
  }, 30_000);

  afterAll(async () => {
    await browser.close();
    await server.stop(true);
  });

  test.each(["/docs", "/redoc"])(
    "%s shows the operations of the selected service, without violating the policy",
    async (path) => {
      const page = await browser.newPage();
      const complaints: string[] = [];
      const elsewhere: string[] = [];
      page.on("console", (message) => {
        if (message.type() !== "log") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (!request.url().startsWith(server.url.href)) elsewhere.push(request.url());
      });
      await page.goto(new URL(path, server.url).href);
      await page.getByText("Read one of users").waitFor({ timeout: 20_000 });
      expect(await page.locator("select#select option").allTextContents()).toEqual(["all of Stoa", ...services]);
      await page.getByText("Read one of messages").waitFor();
      expect(
        await page.locator(".opblock-tag").evaluateAll((all) => all.map((one) => one.getAttribute("data-tag"))),
      ).toEqual(["sessions", "users", "tasks", "messages", "health"]);
      await page.locator("select#select").selectOption({ label: "messaging" });
      await page.getByText("Read one of messages").waitFor();
      await page.locator(".opblock-summary-control").first().click();
      await page.locator(".responses-table").first().waitFor();
      await page.close();
      expect(complaints).toEqual([]);
      expect(elsewhere).toEqual([]);
    },
    60_000,
  );

  test("Authorize logs in, and the token is kept for every definition and after a reload", async () => {
    const page = await browser.newPage();
    const sent: (string | undefined)[] = [];
    page.on("request", (request) => {
      if (/\/(?:users|messages)\//.test(request.url())) sent.push(request.headers()["authorization"]);
    });
    await page.goto(new URL("/docs", server.url).href);
    await page.getByRole("button", { name: "Authorize" }).first().click();
    const dialog = page.locator(".dialog-ux", { hasText: "password" });
    const form = dialog.locator(".auth-container", { hasText: "OAuth2" });
    await form.locator("#oauth_username").fill("ada");
    await form.locator("#oauth_password").fill("a password");
    await form.getByRole("button", { name: /Apply given OAuth2 credentials|Authorize/ }).click();
    await form.getByRole("button", { name: /Remove authorization|Logout/ }).waitFor();
    await dialog.locator(".btn-done").first().click();
    const read = async (name: string) => {
      const operation = page.locator(".opblock", { hasText: `Read one of ${name}` });
      await operation.locator(".opblock-summary-control").click();
      await operation.getByRole("button", { name: "Try it out" }).click();
      await operation.locator("input[placeholder=id]").fill(Bun.randomUUIDv7());
      await operation.getByRole("button", { name: "Execute" }).click();
      await operation.locator(".live-responses-table").waitFor();
    };
    await read("users");
    await page.locator("select#select").selectOption({ label: "messaging" });
    await page.getByText("Read one of users").waitFor({ state: "detached" });
    await read("messages");
    // Anew, without the fragment by which the page would open what was open.
    await page.goto("about:blank");
    await page.goto(new URL("/docs", server.url).href);
    await read("messages");
    await page.close();
    expect(sent).toEqual(Array(3).fill("Bearer token-of-ada"));
  }, 60_000);

  test("the list of errors is styled, and a problem's type links to its error code", async () => {
    const page = await browser.newPage();
    await page.goto(new URL("/docs/errors#version_conflict", server.url).href);
    const row = page.locator("#version_conflict");
    expect(await row.textContent()).toContain("412");
    expect(await row.evaluate((element) => element.matches(":target"))).toBe(true);
    await page.close();
  }, 60_000);
});
