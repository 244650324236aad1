import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";

/** Somebody whom identity may not know yet. */
export interface Newcomer {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly full_name?: string | null | undefined;
}

/** Who a newcomer is here: their id, null for one who would be added, or why identity adds nobody. */
export type Welcome = { readonly user_id: string | null } | { readonly refused: StoaError };

/** In whose name identity is asked. */
export interface Asker {
  /** The header with their token; it goes to identity, and into no log. */
  readonly authorization: string;
  readonly cause: Cause;
}

/** Identity, as far as it adds people without a password. */
export interface Identity {
  /**
   * Adds those who are not there. Whom an earlier call has added is found again by address or username, so that the same
   * call again adds nobody.
   *
   * @param dry_run only says what would become of them
   * @returns one for each, in their order
   * @throws StoaError `unavailable` when identity cannot be reached or does not answer as agreed; `invalid_token`,
   *   `forbidden` and `rate_limited` when it says so
   */
  addPeople(asker: Asker, people: readonly Newcomer[], dry_run: boolean): Promise<readonly Welcome[]>;
}
