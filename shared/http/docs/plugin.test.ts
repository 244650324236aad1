import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { chromium, httpDeps } from "@stoa/testing";
import type { Browser } from "playwright-core";
import { controller } from "../controller.ts";
import { createService, operation } from "../index.ts";
import { documentation } from "./plugin.ts";

const documented = httpDeps({
  service: "projects",
  rate_limit_scale: 1,
  plugins: [documentation({ service: "projects", version: "1.2.3" })],
});

const tasks = controller({}).get(
  "/api/v1/tasks",
  () => ({ items: [] }),
  operation({
    id: "tasks.list",
    access: "anyone",
    summary: "List the tasks",
    tags: ["tasks"],
    answer: Type.Object({ items: Type.Array(Type.String()) }, { title: "Tasks" }),
  }),
);
const app = createService(documented, [tasks]);
const get = (path: string) => app.handle(new Request(`http://stoa.test${path}`));

describe("a service's documentation", () => {
  test("is a page that loads nothing from elsewhere and runs no script of its own", async () => {
    const response = await get("/swagger");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const page = await response.text();
    expect(page).not.toMatch(/https?:|<script>|<style|style=|onload=/);
    for (const [, path] of page.matchAll(/(?:src|href)="([^"]+)"/g)) expect((await get(String(path))).status).toBe(200);
  });

  test("is a document that lists the service's operations and leaves out its own pages", async () => {
    const document = (await (await get("/swagger/json")).json()) as { paths: object };
    expect(Object.keys(document.paths)).toEqual([
      "/api/v1/tasks",
      "/health",
      "/health/db",
      "/health/live",
      "/health/ready",
    ]);
  });

  test("is made once", async () => {
    expect(await (await get("/swagger/json")).text()).toBe(await (await get("/swagger/json")).text());
  });

  test("has no other files", async () => {
    for (const name of ["nothing.js", "..%2Fpackage.json", "__proto__"]) {
      const response = await get(`/swagger/assets/${name}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error_code: "not_found" });
    }
  });

  test("has every picture that its stylesheet names, and no data: URL", async () => {
    const css = await (await get("/swagger/assets/swagger-ui.css")).text();
    expect(css).not.toContain("url(data:");
    expect(css).not.toContain('url("data:');
    const pictures = new Set([...css.matchAll(/url\(([^)"]+)\)/g)].map(([, name]) => String(name)));
    expect(pictures.size).toBeGreaterThan(5);
    for (const name of pictures)
      expect((await get(`/swagger/assets/${name}`)).headers.get("content-type")).toStartWith("image/");
  });
});

describe("in a browser, under a policy that allows this origin alone", () => {
  let browser: Browser;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const response = await app.handle(request);
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

  test("the page shows an operation and its answer, and violates nothing", async () => {
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
    await page.goto(new URL("/swagger", server.url).href);
    await page.getByText("List the tasks").first().waitFor({ timeout: 20_000 });
    await page.locator(".opblock-summary-control", { hasText: "List the tasks" }).click();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByRole("button", { name: "Execute" }).click();
    await page.locator(".live-responses-table").first().waitFor();
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);
});
