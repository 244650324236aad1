/**
 * Preloaded by a server that sends messages: it notes when each was committed, in the file that `BENCH_COMMITS` names, as
 * lines of `<message id> <milliseconds since 1970>`.
 */
import { appendFileSync } from "node:fs";
import { plant } from "../../tests/plants/plant.ts";
import { moment } from "../moment.ts";

const file = process.env["BENCH_COMMITS"] ?? "";
let lines = "";

/** Notes a message. Lines are written together, so that it costs the server next to nothing. */
function committed(id: string): void {
  if (lines === "") setTimeout(flush, 100);
  lines += `${id} ${moment()}\n`;
}

function flush(): void {
  appendFileSync(file, lines);
  lines = "";
}

Object.assign(globalThis, { committed });
plant(
  "services/messaging/messages/send.ts",
  "if (rows?.[0]) return {",
  'if (rows?.[0]) Reflect.get(globalThis, "committed")(id);\n  if (rows?.[0]) return {',
);
