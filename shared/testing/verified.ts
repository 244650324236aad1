import { type Principal, tableRevocations } from "@stoa/auth";
import type { Doing } from "./either-order.ts";

/**
 * A request of a user whose token is verified by the database first, as on Workers: after the session has ended it is
 * refused. A refusal is the same as any other: which reason it has depends on how far the request had come.
 *
 * @param request answers its status and its body, as a list
 */
export function verified({ user_id, session_id }: Pick<Principal, "user_id" | "session_id">, request: Doing): Doing {
  return async (db) => {
    const override = await tableRevocations(db).lookup({ user_id, session_id, kid: "", issued_at: 0 });
    if (override?.revoked) return "refused";
    const answer = await request(db);
    return Array.isArray(answer) && Number(answer[0]) >= 400 ? "refused" : answer;
  };
}
