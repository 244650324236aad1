import { expect, test } from "bun:test";
import { secretBox } from "@stoa/auth/secret-box";
import { sql } from "@stoa/db";
import { atEveryStep, rowsOf } from "@stoa/testing";
import { resealSecrets } from "./reseal.ts";
import { newSecret } from "./secret.ts";
import { startScene } from "./test/scene.ts";
import { work } from "./test/work.ts";

test("secrets are sealed anew with the present key, also many, and sign as before", async () => {
  await using scene = await startScene();
  for (let n = 0; n < 120; n++) await scene.hook("apollo", `http://${n}`);
  const box = secretBox(["the new key", "the secret key"], "webhook-secret-encryption", "the secret of a webhook");
  expect(await resealSecrets({ db: scene.db, box })).toBe(120);
  expect(await resealSecrets({ db: scene.db, box })).toBe(0);
  await scene.happen("apollo");
  const alone = secretBox(["the new key"], "webhook-secret-encryption", "the secret of a webhook");
  for (let turn = 0; turn < 5; turn++) await work({ ...scene.deps, box: alone });
  expect(scene.sent).toHaveLength(120);
  expect(await resealSecrets({ db: scene.db, box: secretBox(["lost"], "webhook-secret-encryption", "x") })).toBe(0);
});

test("a secret that is exchanged before any step of sealing anew stays, and so does one that another process seals", async () => {
  const box = secretBox(["the new key", "the secret key"], "webhook-secret-encryption", "the secret of a webhook");
  await atEveryStep(async (overtaken, step) => {
    await using scene = await startScene();
    const hooks = [await scene.hook("apollo", "http://a"), await scene.hook("apollo", "http://b")] as const;
    const exchanged = newSecret();
    const texts = [exchanged, hooks[1].secret];
    let came = false;
    const other = async () => {
      came = true;
      const sealed = await scene.deps.box.seal(hooks[0].id, exchanged);
      await scene.db.write([sql`update webhooks set secret = ${sealed} where id = ${hooks[0].id}`]);
      await resealSecrets({ db: scene.db, box });
    };
    await resealSecrets({ db: overtaken(scene.db, other), box });
    if (!came) await other();
    const rows = await rowsOf<{ id: string; secret: string }>(
      scene.db,
      sql`select id, secret from webhooks order by url`,
    );
    const opened = await Promise.all(rows.map(({ id, secret }) => box.open(id, secret)));
    expect([step, opened]).toEqual([step, texts.map((text) => ({ text, stale: false }))]);
  });
});
