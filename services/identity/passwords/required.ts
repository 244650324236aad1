import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import type { Passwords } from "./passwords.ts";

/**
 * The hashing that a route needs.
 *
 * @throws StoaError `not_implemented` where there is none
 */
export function requirePasswords({ passwords }: Pick<Deps, "passwords">): Passwords {
  if (!passwords) throw new StoaError("not_implemented");
  return passwords;
}
