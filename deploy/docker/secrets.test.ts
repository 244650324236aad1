import { expect, test } from "bun:test";
import { join } from "node:path";
import { withSecrets } from "./secrets.ts";

test("each empty secret gets its own value, which needs no quoting in NATS, URLs and shells", async () => {
  const text = withSecrets(await Bun.file(join(import.meta.dir, ".env.example")).text());
  const secrets = [...text.matchAll(/^\w*(?:PASSWORD|SECRET_KEY)=(.*)$/gm)].map(([, value]) => value ?? "");
  expect(secrets).toHaveLength(8);
  expect(new Set(secrets).size).toBe(8);
  for (const secret of secrets) expect(secret).toMatch(/^[a-z][a-z0-9]{64}$/);
});

test("secrets that are set stay", () => {
  expect(withSecrets("SECRET_KEY=mine\nCORS_ORIGINS=\n# A_PASSWORD=\n")).toBe(
    "SECRET_KEY=mine\nCORS_ORIGINS=\n# A_PASSWORD=\n",
  );
});
