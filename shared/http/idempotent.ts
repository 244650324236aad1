import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { hmacSha256 } from "@stoa/auth/hmac";
import { newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, claimKey, type IdempotencyKey, retrying, type StoreDeps, unclaimed, usedKey } from "@stoa/journal";
import { canonicalJson, fingerprint } from "./canonical-json.ts";
import type { AnswerSettings } from "./etag.ts";
import type { ListDeps } from "./list/page.ts";
import { idAsStored } from "./schemas/index.ts";

/** What a request must show to be idempotent: `asked` of a handler's context. */
export interface IdempotentRequest {
  readonly principal: { readonly user_id: string } | null;
  readonly request: Pick<Request, "method" | "url" | "headers">;
  readonly body: unknown;
  readonly set: AnswerSettings;
}

/**
 * Creates once for each `Idempotency-Key`, however often and however concurrently it is asked.
 *
 * It stands around the command: each try first looks for what the key has made, and a command whose guards did not hold
 * is decided anew. The key is used up in the command's own batch, so a failed create does not use it up and a create
 * that was done is always remembered. Without a key, and for anonymous requests, the claim does nothing.
 *
 * @param create makes the resource, with `claim(id)` among the command's parts; undefined when a guard did not hold
 * @param get reads what was made before, as the user may see it now
 * @throws StoaError `validation_failed` for a malformed key, `idempotency_key_reused` for another body.
 *
 * @example
 * controller(deps.http).post("/api/v1/tasks", async ({ asked, actor, body, set }) => {
 *   const create = (claim: Claim) => createTask(deps, actor, body, claim);
 *   const task = await idempotent(deps, asked, create, (id) => readTask(deps.db, actor, id));
 *   return created(set, task, `/api/v1/tasks/${task.id}`);
 * }, operation({ id: "tasks.create", access: "user", summary: "Create a task", body: NewTask, status: 201, answer: Task }));
 */
export async function idempotent<T>(
  deps: StoreDeps & Pick<ListDeps, "cursor_key">,
  asked: IdempotentRequest,
  create: (claim: Claim) => Promise<T | undefined>,
  get: (resource_id: string) => Promise<T>,
): Promise<T> {
  const { principal, request } = asked;
  const path = pathOf(request);
  // Anonymous requests have nothing in common to take turns for.
  const turn = `${request.method} ${path} ${principal?.user_id ?? newId()}`;
  const key = keyOf(asked, path);
  if (!key) return retrying(deps.db, turn, () => create(unclaimed));
  const now = deps.now();
  const body_hash = keyedFingerprint(deps.cursor_key, asked.body);
  const replay = async (): Promise<T | undefined> => {
    const used = await usedKey(deps.db, key, now);
    if (!used) return undefined;
    // What an earlier version kept is read for the rest of its day.
    if (used.body_hash !== body_hash && used.body_hash !== fingerprint(asked.body))
      throw new StoaError("idempotency_key_reused");
    const resource = await get(used.resource_id);
    asked.set.headers["idempotent-replayed"] = "true";
    return resource;
  };
  return retrying(deps.db, turn, async () => {
    const before = await replay();
    if (before !== undefined) return before;
    try {
      return await create(claimKey(key, body_hash, now));
    } catch (error) {
      // Another request with the same key may have taken the name that this one was refused: then its resource is the
      // answer.
      const meanwhile = await replay();
      if (meanwhile !== undefined) return meanwhile;
      throw error;
    }
  });
}

function pathOf(request: IdempotentRequest["request"]): string {
  const { pathname } = new URL(request.url);
  const path = pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
  return path.split("/").map(idAsStored).join("/");
}

/** A body may hold a password, which a plain hash would let somebody with the database guess. */
function keyedFingerprint(key: Uint8Array, body: unknown): string {
  const text = body === undefined ? "" : canonicalJson(body);
  return bytesToHex(hmacSha256(key, utf8ToBytes(`idempotency ${text}`)));
}

function keyOf({ principal, request }: IdempotentRequest, path: string): IdempotencyKey | undefined {
  const key = principal && idempotencyKey(request.headers);
  return key === null ? undefined : { user_id: principal?.user_id ?? "", method: request.method, path, key };
}

/**
 * The `Idempotency-Key` of a request; null without one.
 *
 * @throws StoaError `validation_failed` for a malformed one
 */
export function idempotencyKey(headers: Pick<Headers, "get">): string | null {
  const key = headers.get("idempotency-key");
  if (key === null) return null;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    const message = "An idempotency key is 1 to 255 printable ASCII characters.";
    throw new StoaError("validation_failed", { errors: [{ path: "/headers/idempotency-key", message }] });
  }
  return key;
}
