import type { Engine } from "./engine.ts";
import { DatabaseError } from "./errors.ts";

/** What stands in for `file-engine-bun.ts` where there are no files: `#file-engine` in package.json says where. */
export async function openFileEngine(_url: string): Promise<Engine> {
  throw new DatabaseError(
    "other",
    new Error("A Worker has no files; give its database's http:, https: or libsql: address."),
  );
}
