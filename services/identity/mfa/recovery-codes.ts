import { type Sql, sql } from "@stoa/db";
import { hashOf } from "../tickets/token.ts";

const CODES = 10;
const LENGTH = 16;
/** Crockford's Base32 without i, l, o and u, which are mistaken for other characters or spell words. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ten codes of 80 random bits each, in groups of four to be written down. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () => {
    const letters = [...crypto.getRandomValues(new Uint8Array(LENGTH))].map((byte) => alphabet[byte % 32]);
    return [0, 4, 8, 12].map((from) => letters.slice(from, from + 4).join("")).join("-");
  });
}

/** The hash that is kept of a code. It may be typed in any case, without its dashes, with o for 0 and l for 1. */
export function recoveryCodeHash(code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]+/g, "");
  return hashOf(plain.replaceAll("o", "0").replace(/[il]/g, "1"));
}

/** Replaces all of a user's codes. */
export function replaceCodes(user_id: string, codes: readonly string[], time: string, happened: Sql): Sql[] {
  return [
    sql`delete from recovery_codes where user_id = ${user_id} and ${happened}`,
    sql`insert into recovery_codes (user_id, code_hash, created_at)
      select ${user_id}, value, ${time} from json_each(${JSON.stringify(codes.map(recoveryCodeHash))}) where ${happened}`,
  ];
}
