import { TOTP } from "otpauth";
import type { Person, Stage } from "./stage.ts";

/** Someone begins to enrol an authenticator app; the code that it shows now. */
export async function firstCode(stage: Stage, { token }: Person): Promise<string> {
  const { secret } = await stage.must("POST /auth/mfa/totp", { token });
  return new TOTP({ secret: String(secret) }).generate();
}

/** Someone has a second factor from now on. */
export async function secondFactor(stage: Stage, person: Person): Promise<{ recovery_codes: readonly string[] }> {
  const json = { code: await firstCode(stage, person) };
  const { recovery_codes } = await stage.must("POST /auth/mfa/totp/confirm", { token: person.token, json });
  return { recovery_codes: recovery_codes as string[] };
}
