/** Writes deploy/docker/.env from its example, with new secrets: `bun deploy/docker/secrets.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Fills the empty secrets of an environment file; all other lines stay as they are. */
export function withSecrets(text: string): string {
  return text.replace(/^(\w*(?:PASSWORD|SECRET_KEY))=$/gm, (_line, name: string) => `${name}=${secret()}`);
}

/** 256 random bits that need no quoting in URLs, shells and NATS's configuration, where a leading digit is a number. */
function secret(): string {
  return `s${crypto.getRandomValues(new Uint8Array(32)).toHex()}`;
}

if (import.meta.main) {
  const example = await Bun.file(join(import.meta.dir, ".env.example")).text();
  const path = join(import.meta.dir, ".env");
  try {
    writeFileSync(path, withSecrets(example), { mode: 0o600, flag: "wx" });
    console.log(
      `Wrote ${path}; set PUBLIC_URL in it, then run: docker compose --env-file deploy/docker/.env up --build --wait`,
    );
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    console.error(`${path} exists already; it was not changed.`);
    process.exitCode = 1;
  }
}
