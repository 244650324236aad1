import { FormatRegistry, type TLiteral, type TUnion, Type } from "@sinclair/typebox";
import ipaddr from "ipaddr.js";
import type { Kind } from "./variable.ts";

FormatRegistry.Set("stoa-cidr", isCidr);
FormatRegistry.Set("stoa-host", (text) => isCidr(text) || /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(text));
FormatRegistry.Set("stoa-origin", (text) => isUrl(text, ["http:", "https:"]) && new URL(text).origin === text);
FormatRegistry.Set("stoa-http", (text) => isUrl(text, ["http:", "https:"]));
FormatRegistry.Set("stoa-base", (text) => isUrl(text, ["http:", "https:"]) && !/[?#@]/.test(text));
FormatRegistry.Set("stoa-nats", (text) => list(text).every((url) => isUrl(url, ["nats:", "tls:", "ws:", "wss:"])));
FormatRegistry.Set("stoa-smtp", (text) => isUrl(text, ["smtp:", "smtps:"]));
FormatRegistry.Set("stoa-database", (text) =>
  text.startsWith("file:") ? text.length > 5 : isUrl(text, ["http:", "https:", "libsql:"]),
);

export const text = { schema: Type.String({ minLength: 1 }), takes: "text" };

export const secretText = { ...text, secret: true };

export const email = {
  schema: Type.String({ pattern: "^[^@\\s]+@[^@\\s]+$", maxLength: 254 }),
  takes: "an e-mail address",
};

export const port = whole(1, 65_535, "a port");

export const httpUrl = { schema: Type.String({ format: "stoa-http" }), takes: "an http: or https: URL" };

/** An issuer or base URL. Paths are appended to it, so a trailing slash is removed. */
export const baseUrl = { ...httpUrl, convert: (value: string) => value.replace(/\/+$/, "") };

export const natsUrl = {
  schema: Type.String({ format: "stoa-nats" }),
  takes: "nats: or tls: URLs, separated by commas",
  secret: true,
};

export const smtpUrl = { schema: Type.String({ format: "stoa-smtp" }), takes: "an smtp: or smtps: URL", secret: true };

export const databaseUrl = {
  schema: Type.String({ format: "stoa-database" }),
  takes: "a file:, http:, https: or libsql: address",
  secret: true,
};

export const secretKey = {
  schema: Type.String(),
  takes: "at least 32 bytes",
  secret: true,
  convert: (value: string) => (new TextEncoder().encode(value).length >= 32 ? value : undefined),
};

export const origins = {
  schema: Type.Array(Type.String({ format: "stoa-origin" })),
  takes: "origins such as https://app.example.com, separated by commas or as a JSON list",
  convert: originList,
};

export const cidrs = {
  schema: Type.Array(Type.String({ format: "stoa-cidr" })),
  takes: "networks such as 10.0.0.0/8, separated by commas",
  convert: (value: string) => list(value).map(asCidr),
};

/** Base URLs. A slash at the end of one says nothing. */
export const urls = {
  schema: Type.Array(Type.String({ format: "stoa-base" })),
  takes: "http: or https: URLs without a user or a query, separated by commas",
  convert: (value: string) => list(value).map((item) => item.replace(/\/+$/, "")),
};

/** Words, separated by commas. */
export const words = {
  schema: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
  takes: "names, separated by commas",
  convert: list,
};

/** A role by its name. Nobody's role is called `*`: whoever writes it means all of them, and would be given none. */
const roleName = Type.String({ minLength: 1, maxLength: 255, pattern: "^[^*]*$" });

/** Which role of a corporate directory gives which role here. */
export const roleRules = {
  schema: Type.Array(Type.Object({ directory: roleName, role: roleName })),
  takes:
    "pairs such as admin=admin,lead=manager, a role of the directory and one of Stoa by their names; * does not stand for any role",
  convert: (value: string) => list(value).map(roleRule),
};

/** A host's name, or an address or network as in {@link cidrs}. */
export const hosts = {
  schema: Type.Array(Type.String({ format: "stoa-host" })),
  takes: "names of hosts and networks such as hooks.internal or 10.0.0.0/8, separated by commas",
  convert: (value: string) => list(value).map((item) => asCidr(item.toLowerCase())),
};

/** A whole number in a range, both ends included. */
export function whole(minimum: number, maximum: number, what = "a whole number") {
  return {
    schema: Type.Integer({ minimum, maximum }),
    takes: `${what} from ${minimum} to ${maximum}`,
    convert: decimal,
  };
}

/** A number above zero, up to `maximum`. */
export function above0(maximum: number) {
  return {
    schema: Type.Number({ exclusiveMinimum: 0, maximum }),
    takes: `a number above 0, up to ${maximum}`,
    convert: decimal,
  };
}

/** A number, zero or more. */
export const notNegative = { schema: Type.Number({ minimum: 0 }), takes: "a number, 0 or more", convert: decimal };

const days = Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 }));

/** Days by the type of conversations. */
export const daysByType = {
  schema: Type.Object({ direct: days, group: days, project: days }, { additionalProperties: false, minProperties: 1 }),
  takes: "whole days from 1 to 36500 by type such as direct=365,group=90,project=3650",
  convert: (value: string) => {
    const parts = list(value).map((item) => item.split("=").map((part) => part.trim()));
    const names = parts.map(([name]) => name);
    if (new Set(names).size < names.length) return undefined;
    return Object.fromEntries(parts.map(([name = "", ...rest]) => [name, decimal(rest.join("="))]));
  },
};

/** On or off. */
export const flag = {
  schema: Type.Boolean(),
  takes: "true or false",
  convert: (value: string) => (value === "true" ? true : value === "false" ? false : undefined),
};

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Kind<TUnion<TLiteral<W>[]>> {
  return { schema: Type.Union(words.map((word) => Type.Literal(word))), takes: `one of ${words.join(", ")}` };
}

function decimal(value: string): number {
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

function list(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A pair; without one equals sign, it is not valid. */
function roleRule(pair: string) {
  const [directory = "", role = "", ...more] = pair.split("=").map((part) => part.trim());
  return { directory: more.length > 0 ? "" : directory, role };
}

/** Origins, separated by commas or as a JSON list; a slash at the end of one says nothing. */
function originList(value: string): unknown {
  const items = value.startsWith("[") ? parsed(value) : list(value);
  return Array.isArray(items) ? items.map((item: unknown) => String(item).replace(/\/$/, "")) : items;
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isUrl(value: string, protocols: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && protocols.includes(url.protocol) && url.hostname !== "";
}

/** An address without a prefix length means that address alone. */
function asCidr(value: string): string {
  if (ipaddr.IPv4.isValidFourPartDecimal(value)) return `${value}/32`;
  return value.includes(":") && ipaddr.IPv6.isValid(value) ? `${value}/128` : value;
}

function isCidr(value: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(value) || ipaddr.IPv6.isValidCIDR(value);
}
