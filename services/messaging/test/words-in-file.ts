import { readFileSync } from "node:fs";
import { sql } from "@stoa/db";
import type { World } from "./world.ts";

/** Which of these words stand in the database's file once its log is in it. */
export async function wordsInFile({ db, url }: World, words: readonly string[]): Promise<string[]> {
  await db.query(sql`pragma wal_checkpoint(truncate)`);
  const path = url.replace(/^file:/, "");
  const bytes = [path, `${path}-wal`].map((file) => readFileSync(file, "latin1")).join("");
  return words.filter((word) => bytes.includes(word));
}
