import { TOTP } from "otpauth";
import type { Person, Stage } from "./stage.ts";

/** Begins to enrol an authenticator app for a user, and returns its present code. */
export async function firstCode(stage: Stage, { token }: Person): Promise<string> {
  const { secret } = await stage.must("POST /auth/mfa/totp", { token });
  return new TOTP({ secret: String(secret) }).generate();
}

/** Enables the second factor of a user. */
export async function secondFactor(stage: Stage, person: Person): Promise<{ recovery_codes: readonly string[] }> {
  const json = { code: await firstCode(stage, person) };
  const { recovery_codes } = await stage.must("POST /auth/mfa/totp/confirm", { token: person.token, json });
  return { recovery_codes: recovery_codes as string[] };
}
