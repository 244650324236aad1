import { TOTP } from "otpauth";
import type { Person, Stage } from "./stage.ts";

/** Begins to enrol an authenticator app for a user, and returns its present code. */
export async function firstCode(stage: Stage, { token }: Person): Promise<string> {
  const { secret } = await stage.must("POST /auth/mfa/totp", { token });
  return new TOTP({ secret: String(secret) }).generate();
}

/** A user with a second factor, and tokens that say that their session has proven it. */
export interface Protected {
  readonly recovery_codes: readonly string[];
  readonly person: Person;
}

/** Enables the second factor of a user. */
export async function secondFactor(stage: Stage, person: Person): Promise<Protected> {
  const json = { code: await firstCode(stage, person) };
  const { recovery_codes } = await stage.must("POST /auth/mfa/totp/confirm", { token: person.token, json });
  const { access_token, refresh_token } = await stage.must("POST /auth/refresh", {
    json: { refresh_token: person.refresh_token },
  });
  return {
    recovery_codes: recovery_codes as string[],
    person: { ...person, token: String(access_token), refresh_token: String(refresh_token) },
  };
}
