import { Type } from "@sinclair/typebox";
import { StoaError } from "@stoa/errors";
import { controller, operation } from "@stoa/http";
import { toStoaError } from "@stoa/http/failure";
import { describeError } from "@stoa/http/log";
import type { Deps } from "../deps.ts";
import { importExample } from "../examples.ts";
import { linesOf } from "./lines.ts";
import { lineError } from "./read-line.ts";
import { ImportQuery, LineOutcome } from "./schema.ts";
import { importUsers } from "./users.ts";

const NDJSON = "application/x-ndjson";
const MAX_BYTES = 16 * 1024 * 1024;
const encoder = new TextEncoder();

/** The import of users. */
export function importRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/users").post(
    "/import",
    ({ cause, body, query }) => answer(deps, importUsers(deps, cause, linesOf(body), query.dry_run)),
    operation({
      id: "users.import",
      access: "superuser",
      summary: "Import users with their password hashes",
      description: `Send a JSON object on each line. Each is answered by a line of its own as soon as it is done; the schema
of the answer is that of one line. Users that an earlier import brought are unchanged, so the same file can be sent again.
Hashes of bcrypt ($2a, $2b, $2y; cost 4 to 16), argon2 (PHC strings of version 19; m up to 131072, t up to 10, m × t up
to 655360, p up to 16), PBKDF2 (up to 2000000 iterations) and Firebase's scrypt are taken, bcrypt, argon2 and PBKDF2 also as
Django writes them, and replaced by Stoa's own at the next login. When the database goes away, the last line
has the outcome \`failed\`: send the file again.`,
      tags: ["administration"],
      mediaType: NDJSON,
      produces: NDJSON,
      documented: LineOutcome,
      maxBytes: MAX_BYTES,
      query: ImportQuery,
      body: Type.String({
        description:
          "JSON lines of ImportedUser: email, username?, full_name?, password_hash?, roles?, is_active?, email_verified?, created_at?",
      }),
      errors: [],
      example: importExample,
    }),
  );
}

/** Streams outcomes as they come. When the client disconnects, the import stops between two writes. */
function answer({ http }: Pick<Deps, "http">, outcomes: AsyncGenerator<readonly LineOutcome[]>): Response {
  let line = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await outcomes.next();
        if (next.done) return controller.close();
        line = next.value.at(-1)?.line ?? line;
        controller.enqueue(linesOut(next.value));
      } catch (thrown) {
        // The status was sent already, so the last line says what happened, without the text of the error.
        const error = toStoaError(thrown);
        if (error.status >= 500)
          http.log.error({ error_code: error.code, err: describeError(error.cause ?? error) }, "import");
        const known = new StoaError(error.code);
        controller.enqueue(linesOut([{ line: line + 1, outcome: "failed", id: null, error: lineError(known) }]));
        controller.close();
      }
    },
    async cancel() {
      await outcomes.return(undefined);
    },
  });
  return new Response(stream, { headers: { "content-type": NDJSON } });
}

function linesOut(outcomes: readonly LineOutcome[]): Uint8Array {
  return encoder.encode(outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join(""));
}
