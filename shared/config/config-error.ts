/** An invalid environment variable. The message is one line with its name and what it takes, and without a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(
    readonly variable: string,
    sentence: string,
  ) {
    super(`${variable} ${sentence}`);
  }
}
