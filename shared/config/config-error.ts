/** A bad environment. The message is one line that names the variable and what it takes, and shows no secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(
    readonly variable: string,
    sentence: string,
  ) {
    super(`${variable} ${sentence}`);
  }
}
