import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, claimKey, type IdempotencyKey, usedKey } from "@stoa/journal";
import { fingerprint } from "./canonical-json.ts";
import type { AnswerSettings } from "./etag.ts";

/** What a request must show to be idempotent: a handler's context does. */
export interface IdempotentRequest {
  readonly principal: { readonly user_id: string } | null;
  readonly request: Pick<Request, "method" | "url" | "headers">;
  readonly body: unknown;
  readonly set: AnswerSettings;
}

/**
 * Creates once for each `Idempotency-Key`, however often and however concurrently it is asked.
 *
 * The key is used up in the command's own batch (`claim.record`), so a failed create does not use it up and a create
 * that was done is always remembered. Without a key, and for anonymous requests, `claim` is null.
 *
 * @param create makes the resource; puts `claim.guard` among its guards and `claim.record(…)` among its effects
 * @param get reads what was made before, as the asker may see it now
 * @throws StoaError `validation_failed` for a key that is none, `idempotency_key_reused` for another body.
 *
 * @example
 * async ({ principal, actor, request, body, set }) => {
 *   const context = { principal, request, body, set };
 *   const create = (claim: Claim | null) => createTask(deps, actor, body, claim);
 *   const task = await idempotent(deps, context, create, (id) => readTask(deps, actor, id));
 *   return created(set, task, `/api/v1/tasks/${task.id}`);
 * }
 */
export async function idempotent<T>(
  deps: { readonly db: Database; readonly now: () => Date },
  context: IdempotentRequest,
  create: (claim: Claim | null) => Promise<T>,
  get: (resource_id: string) => Promise<T>,
): Promise<T> {
  const key = keyOf(context);
  if (!key) return create(null);
  const now = deps.now();
  const body_hash = fingerprint(context.body);
  const replay = async (): Promise<T | undefined> => {
    const used = await usedKey(deps.db, key, now);
    if (!used) return undefined;
    if (used.body_hash !== body_hash) throw new StoaError("idempotency_key_reused");
    const resource = await get(used.resource_id);
    context.set.headers["idempotent-replayed"] = "true";
    return resource;
  };
  const before = await replay();
  if (before !== undefined) return before;
  try {
    return await create(claimKey(key, body_hash, now));
  } catch (error) {
    // Whatever refused this one (the key's index, its guard, a name taken meanwhile): if another request with the
    // same key got through, its resource is the answer.
    const meanwhile = await replay();
    if (meanwhile !== undefined) return meanwhile;
    throw error;
  }
}

function keyOf({ principal, request }: IdempotentRequest): IdempotencyKey | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null || !principal) return undefined;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    const message = "An idempotency key is 1 to 255 printable ASCII characters.";
    throw new StoaError("validation_failed", { errors: [{ path: "/headers/idempotency-key", message }] });
  }
  const path = new URL(request.url).pathname.replace(/(?<=.)\/+$/, "");
  return { user_id: principal.user_id, method: request.method, path, key };
}
