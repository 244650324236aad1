import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import type { Passwords } from "./passwords.ts";

/**
 * Gives a route the hashing that it needs.
 *
 * @throws StoaError `not_implemented` in a process without it
 */
export function requirePasswords({ passwords }: Pick<Deps, "passwords">): Passwords {
  if (!passwords) throw new StoaError("not_implemented");
  return passwords;
}
