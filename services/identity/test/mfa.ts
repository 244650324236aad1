import { Secret, TOTP } from "otpauth";
import type { Enrolment, NewRecoveryCodes } from "../mfa/schema.ts";
import { password, type TestIdentity } from "./harness.ts";

/** Someone with an authenticator app. */
export interface Enrolled {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly session_id: string;
  readonly secret: string;
  readonly recovery_codes: readonly string[];
}

/** A step of the app's clock, in milliseconds. */
export const STEP_MS = 30_000;

/** What the app shows. @param steps from now */
export function codeOf(identity: TestIdentity, secret: string, steps = 0): string {
  const timestamp = identity.deps.now().getTime() + steps * STEP_MS;
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

/** Registers, logs in and enrols; then moves the clock past the first code. */
export async function enrolled(identity: TestIdentity, name: string): Promise<Enrolled> {
  const { user, token, tokens } = await identity.person(name);
  const begun = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token });
  const { secret } = begun.body;
  const { status, body } = await identity.call<NewRecoveryCodes>("POST", "/auth/mfa/totp/confirm", {
    token,
    body: { code: codeOf(identity, secret) },
  });
  if (status !== 200) throw new Error(`Enrolment failed: ${JSON.stringify(body)}`);
  identity.clock.ahead += STEP_MS;
  const { recovery_codes } = body;
  return { id: user.id, name, token, session_id: tokens.session_id, secret, recovery_codes };
}

/** The first step of a login, which asks for the second. */
export async function mfaToken(identity: TestIdentity, name: string): Promise<string> {
  const { status, body } = await identity.call<{ error_code: string; mfa_token: string }>("POST", "/auth/login", {
    body: { username: name, password },
  });
  if (status !== 401 || body.error_code !== "mfa_required") throw new Error(`Not asked: ${JSON.stringify(body)}`);
  return body.mfa_token;
}
