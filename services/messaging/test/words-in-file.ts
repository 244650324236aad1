import { readFileSync } from "node:fs";
import { sql } from "@stoa/db";
import type { World } from "./world.ts";

/** Which of these words stand in the database's file, made with `inFile`, once its log is in it. Case does not count. */
export async function wordsInFile({ db, url }: World, words: readonly string[]): Promise<string[]> {
  await db.query(sql`pragma wal_checkpoint(truncate)`);
  const path = url.replace(/^file:/, "");
  const bytes = [path, `${path}-wal`].map((file) => lowered(readFileSync(file))).join("");
  return words.filter((word) => bytes.includes(lowered(Buffer.from(word))));
}

/** A character for each byte. */
const lowered = (bytes: Buffer) => bytes.toString("latin1").toLowerCase();
