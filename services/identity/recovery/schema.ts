import { type Static, Type } from "@sinclair/typebox";
import { Token } from "../tickets/schema.ts";
import { Email, NewPassword } from "../users/schema.ts";

/** Body of POST /auth/password/forgot. */
export const ForgottenPassword = Type.Object({ email: Email }, { title: "ForgottenPassword" });

/** A mailed token, and the password that it gives the right to. */
export const PasswordReset = Type.Object({ token: Token, new_password: NewPassword }, { title: "PasswordReset" });
/** A mailed token, and the password that it gives the right to. */
export type PasswordReset = Static<typeof PasswordReset>;
