import { type Static, Type } from "@sinclair/typebox";
import { Text } from "@stoa/http";

/** What an authenticator app needs, shown once. */
export const Enrolment = Type.Object(
  {
    secret: Type.String({ description: "Base32, to be typed where no camera is at hand." }),
    otpauth_url: Type.String({ description: "What the QR code says: `otpauth://totp/…`." }),
    qr_svg: Type.String({ description: "The URL as QR code: an SVG document." }),
  },
  { title: "Enrolment" },
);
/** What an authenticator app needs, shown once. */
export type Enrolment = Static<typeof Enrolment>;

/** Codes for when the app is lost, shown once; each works once. */
export const NewRecoveryCodes = Type.Object(
  {
    recovery_codes: Type.Array(Type.String(), {
      minItems: 10,
      maxItems: 10,
      description: "Shown this once; each works once, where a code of the app does.",
    }),
  },
  // Not as its member is called: openapi-python-client cannot tell the class from the member then.
  { title: "NewRecoveryCodes" },
);
/** Codes for when the app is lost, shown once; each works once. */
export type NewRecoveryCodes = Static<typeof NewRecoveryCodes>;

/** A code of the app. */
export const Code = Text({ max: 32, description: "A code of the authenticator app." });
/** A code that was written down. */
export const RecoveryCode = Text({ max: 64, description: "One of the recovery codes." });

/** The first code of an app. */
export const Confirmation = Type.Object({ code: Code }, { title: "Confirmation" });

/** The second step of a login. */
export const SecondStep = Type.Object(
  {
    mfa_token: Text({ max: 255, verbatim: true, description: "From the `mfa_required` of the login." }),
    code: Type.Optional(Code),
    recovery_code: Type.Optional(RecoveryCode),
  },
  { title: "SecondStep" },
);
/** The second step of a login. */
export type SecondStep = Static<typeof SecondStep>;

/** What `mfa_required` carries: the password was right. */
export const MfaRequired = Type.Object({
  mfa_token: Type.String({ description: "Goes to `POST /api/v1/auth/mfa/verify`, with a code." }),
  expires_in: Type.Integer({ description: "Seconds until it expires." }),
});

/** What `invalid_code` carries in the second step of a login. */
export const TriesLeft = Type.Object({
  tries_left: Type.Integer({
    minimum: 0,
    description: "How often the `mfa_token` can still be tried; 0: log in again.",
  }),
});

/** What the documentation shows. */
export const exampleEnrolment = {
  secret: "I6AI3FKFVQHMTEBVKNPIIOUCPZ6UGJ7G",
  otpauth_url:
    "otpauth://totp/Stoa:ada%40example.com?issuer=Stoa&secret=I6AI3FKFVQHMTEBVKNPIIOUCPZ6UGJ7G&algorithm=SHA1&digits=6&period=30",
  qr_svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 57 57">…</svg>',
} satisfies Enrolment;

/** What the documentation shows. */
export const exampleCodes = {
  recovery_codes: Array.from({ length: 10 }, (_, index) => `7k2m-q9xf-3w0${index}-ahtz`),
} satisfies NewRecoveryCodes;
