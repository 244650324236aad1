/** Writes deploy/docker/.env from its example, with fresh secrets: `bun deploy/docker/secrets.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Fills the secrets that are empty in an environment file; all other lines stay as they are. */
export function withSecrets(text: string): string {
  return text.replace(/^(\w*(?:PASSWORD|SECRET_KEY))=$/gm, (_line, name: string) => `${name}=${secret()}`);
}

/** 256 bits that need no quoting in a URL, a shell or NATS's configuration, where a digit first would be a number. */
function secret(): string {
  return `s${crypto.getRandomValues(new Uint8Array(32)).toHex()}`;
}

if (import.meta.main) {
  const example = await Bun.file(join(import.meta.dir, ".env.example")).text();
  const path = join(import.meta.dir, ".env");
  try {
    writeFileSync(path, withSecrets(example), { mode: 0o600, flag: "wx" });
    console.log(`Wrote ${path}: set PUBLIC_URL, then docker compose --env-file deploy/docker/.env up --build --wait`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    console.error(`${path} is there already; it was not touched.`);
    process.exitCode = 1;
  }
}
