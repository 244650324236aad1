import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { chromium } from "@stoa/testing";
import type { Browser, Page } from "playwright-core";
import type { Organization } from "../organizations/schema.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { codeOf, enrolled } from "../test/mfa.ts";
import { pages } from "./page.ts";

const names = Object.keys(pages);

describe("GET", () => {
  let identity: TestIdentity;
  beforeAll(async () => {
    identity = await testIdentity();
  });
  afterAll(() => identity[Symbol.asyncDispose]());
  const get = (path: string, method = "GET") => identity.handle(new Request(`http://stoa.test${path}`, { method }));

  test.each(names)(
    "/%s is a page of ours, with a policy that runs no inline script and loads from nowhere else",
    async (name) => {
      const answer = await get(`/${name}`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toStartWith("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain("unsafe");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      const html = await answer.text();
      expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
      for (const [, path = ""] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect((await get(path)).status).toBe(200);
    },
  );

  test("HEAD works, other methods are 405, and there are no other files", async () => {
    expect((await get("/verify-email", "HEAD")).status).toBe(200);
    expect((await get("/verify-email/")).status).toBe(200);
    expect((await get("/verify-email", "POST")).status).toBe(405);
    for (const name of ["nothing.js", "constructor", "..%2fpage.ts"])
      expect((await get(`/pages/${name}`)).status).toBe(404);
  });
});

describe("in a browser", () => {
  let browser: Browser;
  let open: { identity: TestIdentity; page: Page; stop: () => Promise<void>; complaints: string[] } | undefined;
  beforeAll(async () => {
    browser = await chromium();
  }, 30_000);
  afterAll(() => browser.close());
  afterEach(async () => {
    // Each of these pages works under its policy, and asks nobody else.
    const complaints = open?.complaints ?? [];
    await open?.stop();
    open = undefined;
    expect(complaints).toEqual([]);
  });

  /** Identity behind a port, and a tab. */
  async function stage(options: Parameters<typeof testIdentity>[0] = {}) {
    const identity = await testIdentity(options);
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => identity.handle(request) });
    const page = await browser.newPage({ viewport: { width: 900, height: 820 } });
    const complaints: string[] = [];
    page.on("console", (message) => {
      // What the API refuses is shown in words; Chromium notes the status as well.
      if (!message.text().startsWith("Failed to load resource")) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url.href)) complaints.push(request.url());
      if (request.url().includes("token=")) complaints.push(`A token in the URL of ${request.url()}`);
    });
    const stop = async () => {
      await page.close();
      await server.stop(true);
      await identity[Symbol.asyncDispose]();
    };
    open = { identity, page, stop, complaints };
    const visit = (name: string, token?: string) =>
      page.goto(new URL(`/${name}${token === undefined ? "" : `#token=${token}`}`, server.url).href);
    const alert = () => page.getByRole("alert").textContent();
    const heading = (name: string) => page.getByRole("heading", { name }).waitFor();
    return { identity, page, visit, alert, heading };
  }

  test("/verify-email confirms the address, by keyboard alone, and takes the token out of the address bar", async () => {
    const { identity, page, visit, heading } = await stage();
    await identity.register("ada");
    await visit("verify-email", await mailedToken(identity.db, "ada@example.com", "email_verification"));
    await heading("Confirm your e-mail address");
    expect(page.url()).toEndWith("/verify-email");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Confirm");
    await page.keyboard.press("Enter");
    await heading("Confirmed");
    expect(await page.locator("section").textContent()).toContain("The address ada@example.com is confirmed.");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("SECTION");
    expect(await identity.events("user.email_verified")).toHaveLength(1);
  }, 60_000);

  test("without a token in the link it asks for the code, and says in words why one is refused", async () => {
    const { identity, page, visit, alert, heading } = await stage();
    await identity.register("ada");
    await visit("verify-email");
    await page.getByLabel("Code from the mail").fill("not a code");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("alert").waitFor();
    expect(await alert()).toBe("The token from the mail is wrong, was used or has expired; request a new one.");
    const token = await mailedToken(identity.db, "ada@example.com", "email_verification");
    await page.getByLabel("Code from the mail").fill(` ${token} `);
    await page.keyboard.press("Enter");
    await heading("Confirmed");
    expect(await page.getByRole("alert").isVisible()).toBe(false);
  }, 60_000);

  test("/reset-password says what is missing of a password, and takes a good one", async () => {
    const { identity, page, visit, alert, heading } = await stage();
    await identity.register("ada");
    await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
    await visit("reset-password", await mailedToken(identity.db, "ada@example.com", "password_reset"));
    const input = page.getByLabel("New password");
    await input.fill("short");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await alert()).toContain("10 characters");
    expect(await input.getAttribute("type")).toBe("password");
    await page.getByLabel("Show it").check();
    expect(await input.getAttribute("type")).toBe("text");
    await input.fill("nine swans under the bridge");
    await page.getByRole("button", { name: "Change the password" }).click();
    await heading("Your password is changed");
    expect(await identity.login("ada", "nine swans under the bridge")).toBeDefined();
  }, 60_000);

  test("/undo-email brings the earlier address back, and mails a link for a new password if one wants", async () => {
    const { identity, page, visit, heading } = await stage();
    const { token } = await identity.person("ada");
    await identity.call("PATCH", "/auth/me", { token, body: { email: "thief@example.com" } });
    const confirmation = await mailedToken(identity.db, "thief@example.com", "email_change");
    await identity.call("POST", "/auth/email/verify", { body: { token: confirmation } });
    await visit("undo-email", await mailedToken(identity.db, "ada@example.com", "email_change_requested"));
    await page.getByRole("button", { name: "Undo the change" }).click();
    await heading("Undone");
    expect(await page.locator("section").textContent()).toContain("The address is ada@example.com again");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("status").waitFor();
    await visit("reset-password", await mailedToken(identity.db, "ada@example.com", "password_reset"));
    await page.getByLabel("New password").fill("nine swans under the bridge");
    await page.keyboard.press("Enter");
    await heading("Your password is changed");
    expect(await identity.login("ada@example.com", "nine swans under the bridge")).toBeDefined();
  }, 60_000);

  test("what cannot be reached, and what answers without words, is said in words as well", async () => {
    const { page, visit, alert } = await stage();
    await visit("verify-email", "x");
    await page.route("**/api/v1/**", (route) => route.abort());
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("alert").waitFor();
    expect(await alert()).toBe("Stoa cannot be reached. Look at your connection, then try again.");
    await page.unroute("**/api/v1/**");
    await page.route("**/api/v1/**", (route) => route.fulfill({ status: 502, body: "<h1>Bad gateway</h1>" }));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("Stoa answered 502; try again later.").waitFor();
  }, 60_000);

  describe("/accept-invitation", () => {
    async function invited(options: Parameters<typeof testIdentity>[0] = {}) {
      const all = await stage(options);
      const { identity } = all;
      const token = await identity.superuser();
      const { body } = await identity.call<Organization>("POST", "/organizations", {
        token,
        body: { name: "Engines" },
      });
      const sent = await identity.call("POST", `/organizations/${body.id}/invitations`, {
        token,
        body: { email: "eve@example.com", role: "admin" },
      });
      expect(sent.status).toBe(201);
      const invitation = await mailedToken(identity.db, "eve@example.com", "invitation");
      const roleOf = async (username: string) =>
        (
          await identity.db.query(sql`select role from organization_members m join users u on u.id = m.user_id
            where username = ${username}`)
        )[0]?.["role"];
      /** The page keeps no session. */
      const sessions = () =>
        identity.db.query(sql`select 1 from sessions join users on users.id = user_id
          where ended_at is null and is_superuser = 0`);
      await all.visit("accept-invitation", invitation);
      await all.heading("Accept the invitation");
      return { ...all, invitation, roleOf, sessions };
    }

    test("registers somebody new where registration takes an invitation, and makes them a member", async () => {
      const { identity, page, alert, heading, roleOf, sessions } = await invited({ registration: "invited" });
      await page.getByLabel("E-mail address", { exact: true }).fill("mal@example.com");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Accept" }).click();
      await page.getByRole("alert").waitFor();
      expect(await alert()).toBe("This invitation was sent to another e-mail address.");
      await page.getByLabel("E-mail address", { exact: true }).fill("eve@example.com");
      await page.getByLabel("Your name").fill("Eve");
      await page.keyboard.press("Enter");
      await heading("You are a member of Engines");
      expect(await page.locator("section").textContent()).toContain("Your role there is admin.");
      expect([await roleOf("eve"), await sessions()]).toEqual(["admin", []]);
      const { access_token } = await identity.login("eve");
      const { body } = await identity.call("GET", "/auth/me", { token: access_token });
      expect(body).toMatchObject({ full_name: "Eve", email_verified: true });
    }, 60_000);

    test("logs in somebody who has a user, after a wrong password too", async () => {
      const { identity, page, alert, heading, roleOf, sessions } = await invited();
      await identity.register("eve");
      await page.getByLabel("I have a user here already").check();
      await page.getByLabel("Username or e-mail").fill("eve");
      await page.getByLabel("Password", { exact: true }).fill("not the password");
      await page.getByRole("button", { name: "Accept" }).click();
      await page.getByRole("alert").waitFor();
      expect(await alert()).toBe("The name or the password is wrong.");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.keyboard.press("Enter");
      await heading("You are a member of Engines");
      expect([await roleOf("eve"), await sessions()]).toEqual(["admin", []]);
    }, 60_000);

    test("asks for the second factor of somebody who has one", async () => {
      const { identity, page, alert, heading, roleOf } = await invited();
      const { secret } = await enrolled(identity, "eve");
      await page.getByLabel("I have a user here already").check();
      await page.getByLabel("Username or e-mail").fill("eve@example.com");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.keyboard.press("Enter");
      const code = page.getByLabel("Code of your authenticator app");
      await code.waitFor();
      await code.fill("000000");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      expect(await alert()).toContain("code is wrong");
      await code.fill(codeOf(identity, secret));
      await page.keyboard.press("Enter");
      await heading("You are a member of Engines");
      expect(await roleOf("eve")).toBe("admin");
    }, 60_000);

    test("logs in by the corporate directory where there is one; nobody registers where that is closed", async () => {
      const person = { guid: "g-1", ace_user_id: 7, username: "eve", verified_email: "eve@example.com" };
      const directory = { origin: "https://directory.example", authenticate: async () => person };
      const { page, heading, roleOf } = await invited({ registration: "closed", directory });
      await page.getByLabel("I log in by my company").check();
      expect(await page.getByLabel("I am new").isVisible()).toBe(false);
      await page.getByLabel("Account").fill("acme");
      await page.getByLabel("Username or e-mail").fill("eve");
      await page.getByLabel("Password", { exact: true }).fill("corporate");
      await page.keyboard.press("Enter");
      await heading("You are a member of Engines");
      expect(await roleOf("eve")).toBe("admin");
    }, 60_000);
  });
});
