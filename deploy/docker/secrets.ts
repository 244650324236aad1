/**
 * Writes deploy/docker/.env from its example, with new secrets: `bun deploy/docker/secrets.ts`. One of an earlier version gets the
 * secrets that it lacks.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const emptySecret = /^(\w*(?:PASSWORD|SECRET_KEY))=$/gm;

/** Fills the empty secrets of an environment file; all other lines stay as they are. */
export function withSecrets(text: string): string {
  return text.replace(emptySecret, (_line, name: string) => `${name}=${secret()}`);
}

/** The secrets of the example that an environment file of an earlier version has no line for, each with a line of its own. */
export function missingSecrets(text: string, example: string): { readonly names: string[]; readonly lines: string } {
  const present = new Set([...text.matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  const names = [...example.matchAll(emptySecret)].flatMap(([, name = ""]) => (present.has(name) ? [] : [name]));
  return { names, lines: names.map((name) => `${name}=${secret()}\n`).join("") };
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
    const present = readFileSync(path, "utf8");
    const { names, lines } = missingSecrets(present, example);
    if (names.length > 0) {
      appendFileSync(path, present.endsWith("\n") ? lines : `\n${lines}`);
      console.log(`Added ${names.join(", ")} to ${path}; what was there stays.`);
    } else {
      console.error(`${path} exists already and has all secrets; it was not changed.`);
      process.exitCode = 1;
    }
  }
}
