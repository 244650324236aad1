/**
 * Imports so many users into a new database, in a process of its own: `bun bench/import-run.ts <users>` prints an
 * {@link Imported} as JSON.
 */
import { system } from "@stoa/events";
import { linesIn } from "@stoa/identity/import/lines";
import { importUsers } from "@stoa/identity/import/users";
import { temporaryDatabase } from "@stoa/testing";

/** What an import took. Memory is the resident set after garbage collection, after a quarter of it and at the end. */
export interface Imported {
  readonly seconds: number;
  readonly quarter_mib: number;
  readonly end_mib: number;
}

const hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";

if (import.meta.main) console.log(JSON.stringify(await run(Number(process.argv[2]))));

async function run(users: number): Promise<Imported> {
  await using stored = await temporaryDatabase("identity");
  const began = performance.now();
  let done = 0;
  let quarter = 0;
  for await (const outcomes of importUsers({ db: stored.db, now: () => new Date() }, system, linesIn(file(users)))) {
    const refused = outcomes.find(({ outcome }) => outcome !== "created");
    if (refused) throw new Error(`Line ${refused.line} was ${refused.outcome}.`);
    done += outcomes.length;
    if (quarter === 0 && done >= users / 4) quarter = resident();
  }
  if (done !== users) throw new Error(`${done} of ${users} users were imported.`);
  return { seconds: (performance.now() - began) / 1_000, quarter_mib: quarter, end_mib: resident() };
}

/** A file of users in chunks, as it is read from disk. */
async function* file(users: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let first = 1; first <= users; first += 500) {
    const count = Math.min(500, users - first + 1);
    const lines = Array.from({ length: count }, (_, index) =>
      JSON.stringify({ email: `user${first + index}@example.com`, full_name: "Ada Lovelace", password_hash: hash }),
    );
    yield encoder.encode(`${lines.join("\n")}\n`);
  }
}

function resident(): number {
  Bun.gc(true);
  return process.memoryUsage.rss() / 2 ** 20;
}
