import { type SecretBox, secretBox } from "@stoa/auth/secret-box";

/** The box of second factors. @param secrets `SECRET_KEY`, then `SECRET_KEY_PREVIOUS` */
export function factorBox(secrets: readonly [string, ...string[]]): SecretBox {
  return secretBox(secrets, "second-factor-encryption", "a second factor");
}
