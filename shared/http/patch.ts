import { type FieldError, StoaError } from "@stoa/errors";
import { sameJson } from "./canonical-json.ts";

/** A field that really changes. */
export interface Change<F extends string = string> {
  readonly field: F;
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * The fields that a merge patch (RFC 7396) really changes, in the order of `fields`: absent is unchanged, null clears,
 * anything else replaces. Empty means: answer 200 with the resource as it is, and keep its version.
 *
 * @param fields those the caller may change; others in the patch do not count
 */
export function changesOf<R extends object, F extends keyof R & string>(
  present: R,
  patch: { readonly [K in F]?: unknown },
  fields: readonly F[],
): Change<F>[] {
  return fields.flatMap((field) => {
    const to = patch[field];
    if (to === undefined) return [];
    const from = present[field] ?? null;
    return sameJson(from, to) ? [] : [{ field, from, to }];
  });
}

/** The changes as a row: `{ title: "new" }`, for `updateRows`. */
export function valuesOf<R extends object, F extends keyof R & string>(
  changes: readonly Change<F>[],
): { [K in F]?: R[K] } {
  return Object.fromEntries(changes.map(({ field, to }) => [field, to])) as { [K in F]?: R[K] };
}

/**
 * Refuses read-only fields in a patch unless they equal the present value, so that a fetched object can be sent back.
 * `version` and times are always ignored.
 *
 * @param editable the fields that may change
 * @throws StoaError `validation_failed`, naming each field.
 */
export function refuseReadOnly(present: object, patch: object, editable: readonly string[]): void {
  const now = present as Record<string, unknown>;
  const errors = Object.entries(patch).flatMap(([field, value]): FieldError[] => {
    if (value === undefined || editable.includes(field) || field === "version" || field.endsWith("_at")) return [];
    return sameJson(now[field] ?? null, value)
      ? []
      : [{ path: `/${field}`, message: "This field cannot be changed here." }];
  });
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
}
