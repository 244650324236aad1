import { type AnswerSettings, etag } from "./etag.ts";

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
