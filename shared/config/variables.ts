import {
  above0,
  baseUrl,
  cidrs,
  databaseUrl,
  email,
  httpUrl,
  natsUrl,
  notNegative,
  oneOf,
  origins,
  port,
  secretKey,
  secretText,
  smtpUrl,
  text,
} from "./kinds.ts";
import { optional, variable } from "./variable.ts";

/**
 * Every variable that Stoa reads, in the order of `.env.example`. `loadConfig` returns each under its name in lower
 * case. A new variable is added here and nowhere else.
 */
export const variables = {
  PORT: optional(port, "Where to listen.", "8080; 4001, 4002 or 4003 for a service on its own"),
  HOST: variable(text, "The address to bind to.", "0.0.0.0"),
  DATA_DIR: variable(text, "Standalone keeps databases, keys, mail and its lock here.", "./data"),
  BACKUP_DIR: optional(text, "Where backups are kept; best on another disk.", "the folder backups in DATA_DIR"),
  IDENTITY_DATABASE_URL: optional(databaseUrl, "Identity's database.", "a file in DATA_DIR"),
  IDENTITY_DATABASE_AUTH_TOKEN: optional(secretText, "Its token, when it is remote and requires one.", "none"),
  PROJECTS_DATABASE_URL: optional(databaseUrl, "The database of projects.", "a file in DATA_DIR"),
  PROJECTS_DATABASE_AUTH_TOKEN: optional(secretText, "Its token.", "none"),
  MESSAGING_DATABASE_URL: optional(databaseUrl, "The database of messaging.", "a file in DATA_DIR"),
  MESSAGING_DATABASE_AUTH_TOKEN: optional(secretText, "Its token.", "none"),
  DATABASE_DURABILITY: variable(
    oneOf("verify", "hosted"),
    "verify: in production, an sqld that does not flush every commit is refused. hosted: a host such as Turso answers for it.",
    "verify",
  ),
  NATS_URL: optional(
    natsUrl,
    "The NATS server, with user and password. A service that runs on its own requires it.",
    "none: the journals are read in process (standalone only)",
  ),
  NATS_CREDS: optional(text, "Path of a credentials file for NATS.", "none"),
  ENVIRONMENT: variable(
    oneOf("development", "test", "production"),
    "production sends HSTS. It refuses a generated SECRET_KEY, a generated first password and origins without HTTPS.",
    "development",
  ),
  SECRET_KEY: optional(
    secretKey,
    "Encrypts signing keys and derives the HMAC keys. Make one with: openssl rand -base64 48",
    "generated in DATA_DIR, except in production",
  ),
  SECRET_KEY_PREVIOUS: optional(secretKey, "The key before this one, while you change it.", "none"),
  ISSUER: optional(baseUrl, "The issuer of the tokens: the URL that clients use.", "http://localhost:PORT"),
  AUDIENCE: variable(text, "The audience of the tokens.", "stoa"),
  PUBLIC_URL: optional(baseUrl, "The URL that links in mails begin with.", "ISSUER"),
  IDENTITY_URL: optional(baseUrl, "Where a service that runs on its own fetches identity's public keys.", "ISSUER"),
  ACCESS_TOKEN_EXPIRE_MINUTES: variable(above0(1_440), "How long an access token lasts.", "15"),
  REFRESH_TOKEN_EXPIRE_DAYS: variable(above0(90), "How long a session lasts without a refresh.", "7"),
  FIRST_SUPERUSER_EMAIL: variable(email, "The first superuser, created in an empty database.", "admin@example.com"),
  FIRST_SUPERUSER_PASSWORD: optional(secretText, "Their password.", "generated and printed once, except in production"),
  CORS_ORIGINS: optional(
    origins,
    "The origins of web pages that may call the API, separated by commas.",
    "http://localhost:3000; none in production",
  ),
  CSP_MODE: variable(oneOf("strict", "relaxed", "disabled"), "The Content-Security-Policy of responses.", "relaxed"),
  LOG_LEVEL: variable(oneOf("trace", "debug", "info", "warn", "error"), "trace logs SQL without values.", "info"),
  TRUSTED_PROXIES: optional(cidrs, "Networks whose X-Forwarded-For is trusted, separated by commas.", "none"),
  RATE_LIMIT_SCALE: variable(
    notNegative,
    "Multiplies the rate limits; 0 switches them off, except in production.",
    "1",
  ),
  SMTP_URL: optional(smtpUrl, "The mail server.", "none: mails are written to DATA_DIR/outbox as .eml files"),
  MAIL_FROM: variable(text, "The sender of mails.", "Stoa <stoa@localhost>"),
  ACE_API_URL: optional(httpUrl, "The corporate login endpoint.", "none: 503 not_configured"),
  ACE_PROJECTS_URL: optional(httpUrl, "The corporate list of projects.", "none: 503 not_configured"),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(httpUrl, "Where traces are sent.", "none"),
  METRICS_PORT: optional(port, "GET /metrics for Prometheus, bound to HOST.", "none"),
};
