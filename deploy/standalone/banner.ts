import type { Config } from "@stoa/config";

/** The text that is printed when Stoa is ready: where things are, and a command to try. */
export function banner(config: Config, firstPassword: string | null): string {
  const url = config.issuer;
  const ready = Math.round(performance.now());
  const lines = [
    "",
    `Stoa is ready (${ready} ms).`,
    `  API     ${url}/api/v1`,
    `  Docs    ${url}/docs`,
    `  Health  ${url}/health`,
    `  Data    ${config.data_dir}`,
  ];
  if (firstPassword !== null) {
    lines.push(
      "",
      "The first superuser, shown this once:",
      `  E-mail    ${config.first_superuser_email}`,
      `  Password  ${firstPassword}`,
    );
  }
  lines.push("", "Try it:", ...request(config), "", "");
  return lines.join("\n");
}

/** A request that works as things are set up: nobody registers by themselves where that takes an invitation. */
function request({ registration, issuer, first_superuser_email: email }: Config): string[] {
  const [path, body] =
    registration === "open"
      ? ["register", `{"email":"ana@example.com","password":"seven herons by the weir"}`]
      : ["login", `{"email":"${email}","password":"…"}`];
  return [`  curl ${issuer}/api/v1/auth/${path} -H 'content-type: application/json' \\`, `    -d '${body}'`];
}
