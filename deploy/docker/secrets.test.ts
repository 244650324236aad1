import { expect, test } from "bun:test";
import { join } from "node:path";
import { missingSecrets, withSecrets } from "./secrets.ts";

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

test("an environment file of an earlier version gets the secrets that it lacks, and keeps its own", () => {
  const example = "A_PASSWORD=\nPORT=8080\nSECRET_KEY=\nB_PASSWORD=\n";
  const { names, lines } = missingSecrets("SECRET_KEY=mine\nPORT=1\n# B_PASSWORD=\n", example);
  expect(names).toEqual(["A_PASSWORD", "B_PASSWORD"]);
  expect(lines).toMatch(/^A_PASSWORD=s[0-9a-f]{64}\nB_PASSWORD=s[0-9a-f]{64}\n$/);
  expect(missingSecrets(example, example)).toEqual({ names: [], lines: "" });
});
