import { expect, test } from "bun:test";
import { loadConfig } from "@stoa/config";
import { banner } from "./banner.ts";

const SECRET_KEY = "0123456789abcdef0123456789abcdef";
const shown = (env: Record<string, string>, password: string | null = null) =>
  banner(loadConfig({ SECRET_KEY, ...env }, "standalone"), password);

test("it says where things are, and the first superuser's password this once", () => {
  expect(shown({}, "generated")).toContain("  Docs    http://localhost:8080/docs\n");
  expect(shown({}, "generated")).toContain("  E-mail    admin@example.com\n  Password  generated\n");
  expect(shown({})).not.toContain("Password");
});

test("the request to try is one that works: a registration where that is open, otherwise the first superuser's login", () => {
  expect(shown({})).toContain("curl http://localhost:8080/api/v1/auth/register ");
  for (const REGISTRATION of ["invited", "closed"]) {
    const text = shown({ REGISTRATION, FIRST_SUPERUSER_EMAIL: "boss@example.com" });
    expect(text).toContain("curl http://localhost:8080/api/v1/auth/login ");
    expect(text).toContain("boss@example.com");
    expect(text).not.toContain("register");
  }
});
