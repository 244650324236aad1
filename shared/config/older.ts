/**
 * Variables of the backends that Stoa replaces, and the one of today that each stands for. It counts when that one is not
 * set, and takes the same values.
 */
export const olderNames: Readonly<Record<string, string>> = {
  BACKEND_CORS_ORIGINS: "CORS_ORIGINS",
  FIRST_SUPERUSER: "FIRST_SUPERUSER_EMAIL",
  JWT_SECRET_KEY: "SECRET_KEY",
  EMAILS_FROM_EMAIL: "MAIL_FROM",
};

/** Variables of those backends that mean nothing any more, and what to know instead. */
export const withoutMeaning: Readonly<Record<string, string>> = {
  ALGORITHM: "tokens are signed with ES256",
  JWT_ALGORITHM: "tokens are signed with ES256",
  API_V1_STR: "the API is at /api/v1",
  PROJECT_NAME: "it has no use",
  DATABASE_URL:
    "each service has a database of its own: IDENTITY_DATABASE_URL, PROJECTS_DATABASE_URL and MESSAGING_DATABASE_URL",
  SQLALCHEMY_DATABASE_URI:
    "each service has a database of its own: IDENTITY_DATABASE_URL, PROJECTS_DATABASE_URL and MESSAGING_DATABASE_URL",
  SMTP_HOST: "SMTP_URL has host, port, user and password in one",
};

/** The name by which a variable is set, and its value; undefined when it is set by none. */
export function givenBy(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): { readonly name: string; readonly value: string } | undefined {
  const older = Object.keys(olderNames).filter((each) => olderNames[each] === name);
  for (const each of [name, ...older]) {
    const value = env[each];
    if (value !== undefined && value.trim() !== "") return { name: each, value };
  }
  return undefined;
}
