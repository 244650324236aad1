import { StoaError } from "@stoa/errors";

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
  /** The versions that it names with strong tags; a weak or foreign tag matches nothing. */
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
 * Reads `If-Match`; undefined when the request has none.
 *
 * Source: RFC 9110, section 13.1.1 (strong comparison; a list or `*`).
 */
export function ifMatch(headers: RequestHeaders): IfMatch | undefined {
  const value = headerOf(headers, "if-match")?.trim();
  if (value === undefined) return undefined;
  if (value === "*") return { any: true, versions: [] };
  const tags = value.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return {
    any: false,
    versions: tags.flatMap((tag) => (/^"[1-9]\d{0,14}"$/.test(tag) ? [Number(tag.slice(1, -1))] : [])),
  };
}

/**
 * Lets a write go on only from the version that the client has seen. Without `If-Match` it always goes on.
 *
 * @throws StoaError `version_conflict` with the present resource in `current`.
 */
export function requireMatch(headers: RequestHeaders, resource: Versioned): void {
  const wanted = ifMatch(headers);
  if (!wanted || wanted.any || wanted.versions.includes(resource.version)) return;
  throw versionConflict(resource);
}

/** The error of a write whose version has passed, for a use case that finds out in its own batch. */
export function versionConflict(current: Versioned): StoaError {
  return new StoaError("version_conflict", { members: { current }, headers: { etag: etag(current.version) } });
}

/** One header of a request. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  return headers instanceof Headers ? (headers.get(name) ?? undefined) : headers[name];
}
