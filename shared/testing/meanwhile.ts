import type { Database } from "@stoa/db";

/**
 * Lets something happen between what a command has read and what it writes: right before the next write that adds to
 * the journal, once. Work that throws is a write that fails so.
 *
 * @example
 * meanwhile(db, () => removeParticipant(deps, owner, id, user_id));
 * await expect(leaveConversation(deps, user, id)).rejects.toMatchObject({ code: "not_found" });
 */
export function meanwhile(db: Database, work: () => Promise<unknown>): void {
  const { write } = db;
  db.write = async (statements) => {
    if (!statements.some(({ sql }) => sql.startsWith("insert into journal"))) return write(statements);
    db.write = write;
    await work();
    return write(statements);
  };
}
