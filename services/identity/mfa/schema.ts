import { type Static, Type } from "@sinclair/typebox";
import { Text } from "@stoa/http";

/** What an authenticator app needs, shown once. */
export const Enrolment = Type.Object(
  {
    secret: Type.String({ description: "Base32, to be typed where no camera is at hand." }),
    otpauth_url: Type.String(),
    qr_svg: Type.String({ description: "The URL as QR code: an SVG document." }),
  },
  { title: "Enrolment" },
);
/** What an authenticator app needs, shown once. */
export type Enrolment = Static<typeof Enrolment>;

/** Codes for when the app is lost, shown once; each works once. */
export const RecoveryCodes = Type.Object(
  { recovery_codes: Type.Array(Type.String(), { minItems: 10, maxItems: 10 }) },
  { title: "RecoveryCodes" },
);
/** Codes for when the app is lost, shown once; each works once. */
export type RecoveryCodes = Static<typeof RecoveryCodes>;

/** A code of the app. */
export const Code = Text({ max: 32 });
/** A code that was written down. */
export const RecoveryCode = Text({ max: 64 });

/** The first code of an app. */
export const Confirmation = Type.Object({ code: Code }, { title: "Confirmation" });

/** The second step of a login. */
export const SecondStep = Type.Object(
  {
    mfa_token: Text({ max: 255, verbatim: true }),
    code: Type.Optional(Code),
    recovery_code: Type.Optional(RecoveryCode),
  },
  { title: "SecondStep" },
);
/** The second step of a login. */
export type SecondStep = Static<typeof SecondStep>;

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
} satisfies RecoveryCodes;
