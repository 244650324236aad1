import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Column, Table } from "drizzle-orm";

/** A request's headers: Elysia's record (lower case) or the platform's. */
export type RequestHeaders = Headers | Readonly<Record<string, string | undefined>>;

/** Elysia's `set`, as far as these helpers write it. */
export interface AnswerSettings {
  status?: number | string;
  headers: Record<string, string | number | undefined>;
}

/** A resource whose changes are counted, from 1. */
export interface Versioned {
  readonly version: number;
}

/** What `If-Match` asks for. */
export interface IfMatch {
  /** `*`: any version. */
  readonly any: boolean;
  /** The versions that it names; a foreign tag matches nothing. */
  readonly versions: readonly number[];
}

/** The entity tag of a version: `"3"` (RFC 9110, section 8.8.3). */
export function etag(version: number): string {
  return `"${version}"`;
}

/** Sets the answer's `ETag` and hands the resource back. */
export function tagged<T extends Versioned>(set: AnswerSettings, resource: T): T {
  set.headers["etag"] = etag(resource.version);
  return resource;
}

/**
 * Answers a create: 201, `Location`, and `ETag` when the resource has a version. Hands the resource back.
 *
 * @param path of the new resource, `/api/v1/tasks/…`
 * @example
 * return created(set, task, `/api/v1/tasks/${task.id}`);
 */
export function created<T extends object>(set: AnswerSettings, resource: T, path: string): T {
  set.status = 201;
  set.headers["location"] = path;
  if ("version" in resource && typeof resource.version === "number") set.headers["etag"] = etag(resource.version);
  return resource;
}

/**
 * Reads `If-Match`; undefined when the request has none. The weak form of our own tags counts as the strong one: a proxy
 * that compresses answers weakens their tags, and the client sends back what it got.
 *
 * Source: RFC 9110, section 13.1.1 (a list or `*`).
 */
export function ifMatch(headers: RequestHeaders): IfMatch | undefined {
  const value = headerOf(headers, "if-match")?.trim();
  if (value === undefined) return undefined;
  if (value === "*") return { any: true, versions: [] };
  const tags = value.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return {
    any: false,
    versions: tags.flatMap((tag) => {
      const [, version] = /^(?:W\/)?"([1-9]\d{0,14})"$/.exec(tag) ?? [];
      return version === undefined ? [] : [Number(version)];
    }),
  };
}

/**
 * Lets a write go on only from a version that the client has seen. Without `If-Match` it always goes on. Commands call it
 * with what they read, and have {@link sameVersion} among their guards: the one convention for `If-Match`, beside
 * projects and tasks, which first merge what does not overlap.
 *
 * @throws StoaError `version_conflict` with the present resource in `current`.
 */
export function requireMatch(match: IfMatch | undefined, resource: Versioned): void {
  if (!match || match.any || match.versions.includes(resource.version)) return;
  throw versionConflict(resource);
}

/**
 * The part of a command that `If-Match` asks for: the resource still has the version that was read. When it has not, the
 * command is decided anew, and `requireMatch` finds out.
 *
 * @param table with the columns `id` and `version`
 */
export function sameVersion(
  match: IfMatch | undefined,
  table: Table & { readonly id: Column; readonly version: Column },
  { id, version }: Versioned & { readonly id: string },
): Part {
  return match && !match.any ? atVersion(table, { id, version }) : {};
}

/** The part of a command that a resource still has the version that was read. */
export function atVersion(
  table: Table & { readonly id: Column; readonly version: Column },
  { id, version }: Versioned & { readonly id: string },
): Part {
  return { guard: sql`exists (select 1 from ${table} where ${table.id} = ${id} and ${table.version} = ${version})` };
}

/** The error of a write whose version has passed, for a use case that finds out in its own batch. */
export function versionConflict(current: Versioned): StoaError {
  return new StoaError("version_conflict", { members: { current }, headers: { etag: etag(current.version) } });
}

/** One header of a request. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  return headers instanceof Headers ? (headers.get(name) ?? undefined) : headers[name];
}
