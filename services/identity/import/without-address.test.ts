import { describe, expect, test } from "bun:test";
import { bunPasswords } from "../passwords-bun.ts";
import { password, testIdentity } from "../test/harness.ts";
import { sendLines, short } from "../test/importing.ts";

describe("somebody without an address", () => {
  test("is known by the username, and the same line again adds nobody", async () => {
    await using identity = await testIdentity();
    await identity.register("taken");
    const lines = [
      { email: null, username: "Cy", full_name: "Cy Young" },
      { email: null, username: "cy.y", full_name: "Cy Young" },
      { email: null, username: "CY.Y" },
      { email: null, username: "taken" },
      { email: null },
      { email: null, username: "dan", email_verified: true },
      { username: "eve" },
    ];
    const first = await sendLines(identity, lines);
    expect(short(first.outcomes)).toEqual([
      [1, "refused", "validation_failed"],
      [2, "created"],
      [3, "unchanged"],
      [4, "refused", "username_taken"],
      [5, "refused", "validation_failed"],
      [6, "refused", "validation_failed"],
      [7, "refused", "validation_failed"],
    ]);
    expect(first.outcomes.map(({ error }) => error?.errors?.[0]?.path)).toEqual([
      "/username",
      undefined,
      undefined,
      undefined,
      "/username",
      "/email_verified",
      "/email",
    ]);
    const again = await sendLines(identity, lines);
    expect(again.outcomes[1]).toEqual({ line: 2, outcome: "unchanged", id: first.outcomes[1]?.id ?? "" });
    const { body } = await identity.call("GET", `/auth/users/${first.outcomes[1]?.id}`, {
      token: await identity.superuser(),
    });
    expect(body).toMatchObject({ username: "cy.y", email: null, email_verified: false, full_name: "Cy Young" });
    expect(await identity.events("user.registered")).toHaveLength(3);
  });

  test("cannot log in, and does once a superuser has given them an address", async () => {
    await using identity = await testIdentity({ passwords: bunPasswords() });
    const token = await identity.superuser();
    const { outcomes } = await sendLines(identity, [{ email: null, username: "cyril" }], token);
    const login = () => identity.call("POST", "/auth/login", { body: { username: "cyril", password } });
    expect((await login()).status).toBe(401);
    await identity.call("PATCH", `/auth/users/${outcomes[0]?.id}`, { token, body: { email: "cyril@example.com" } });
    expect((await sendLines(identity, [{ email: null, username: "cyril" }], token)).outcomes[0]).toMatchObject({
      outcome: "unchanged",
    });
  });
});
