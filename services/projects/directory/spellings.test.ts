import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { emailKey } from "@stoa/mail/address-key";
import { spellings } from "@stoa/mail/test/spellings";
import { rowsOf } from "@stoa/testing";
import type { DataSaved } from "../data/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import { foldDirectoryKeys } from "./fold-keys.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

/** Who an address is, by a save that writes nothing. */
async function found(email: string): Promise<string | undefined> {
  const body = { source: "tracker", dry_run: true, users: [{ external_id: "u", email }] };
  const saved = await team.ask<DataSaved>("POST", "/data/save", { as: team.ada, body });
  return saved.body.results[0]?.outcome;
}

const keyOf = async (user_id: string) =>
  (
    await rowsOf<{ email_key: string | null }>(team.db, sql`select email_key from directory where user_id = ${user_id}`)
  )[0]?.email_key;

describe.each(spellings)("%s", (_, kept, typed) => {
  test("whoever verified one spelling is found by the other, and no more when they have another address", async () => {
    const { user_id } = await team.person(`u${crypto.randomUUID().slice(0, 8)}`);
    await team.apply("user.email_verified", { user_id, email: kept });
    expect([await found(kept), await found(typed)]).toEqual(["created", "created"]);
    await team.apply("user.email_changed", { user_id, email: `${user_id}@example.com` });
    expect([await found(kept), await found(typed)]).toEqual(["failed", "failed"]);
  });

  test("a key from before widths and domains were compared is made anew, and that again changes nothing", async () => {
    const { user_id } = await team.person(`u${crypto.randomUUID().slice(0, 8)}`);
    for (const email of [kept, typed]) {
      const old = email.normalize("NFC").toLowerCase();
      await team.db.write([sql`update directory set email_key = ${old} where user_id = ${user_id}`]);
      await foldDirectoryKeys(team.db);
      expect(await keyOf(user_id)).toBe(emailKey(email));
      let writes = 0;
      const stop = team.db.onWrite(() => writes++);
      await foldDirectoryKeys(team.db);
      stop();
      expect(writes).toBe(0);
    }
    await team.db.write([sql`update directory set email_key = null where user_id = ${user_id}`]);
  });
});

test("more keys than fit one read are all made anew", async () => {
  const ids = await Promise.all(Array.from({ length: 450 }, async (_, i) => (await team.person(`many${i}`)).user_id));
  await team.db.write(
    ids.map((id, i) => sql`update directory set email_key = ${`é${i}@ｅxample.com`} where user_id = ${id}`),
  );
  await foldDirectoryKeys(team.db);
  const [row] = await rowsOf(team.db, sql`select count(*) as n from directory where email_key like 'é%@example.com'`);
  expect(row).toEqual({ n: 450 });
});
