import { expect, test } from "bun:test";
import type { Stage } from "./journey.ts";

/** The pages that mails link to open on every topology, each with what it loads. */
export function pagesJourney(stage: () => Stage): void {
  test.each(["verify-email", "reset-password", "accept-invitation", "undo-email"])(
    "/%s is a page whose policy lets it load our own files alone",
    async (name) => {
      const { gatewayUrl } = stage();
      const page = await fetch(`${gatewayUrl}/${name}`);
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(page.headers.get("content-security-policy")).toStartWith("default-src 'none'; script-src 'self'");
      const paths = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
      expect(paths).toContain("/pages/browser.js");
      for (const path of paths) expect((await fetch(gatewayUrl + path)).status).toBe(200);
    },
  );

  test("a page sends what it is given to the API of its own origin, which refuses it in words", async () => {
    const answer = await fetch(`${stage().gatewayUrl}/api/v1/auth/email/undo`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: "nothing" }),
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ error_code: "invalid_ticket", detail: expect.any(String) });
  });
}
