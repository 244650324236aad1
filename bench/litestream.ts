import { litestreamDrill } from "../tests/litestream-drill.ts";
import { type Measurement, scaled, within } from "./measurement.ts";

/** Creates while Litestream copies the databases, and what is restored from its copies. */
export const litestream: Measurement = {
  name: "litestream",
  about: "POST of 1,500 tasks one after another beside Litestream, and restores to a moment and to the end",
  async run(settings) {
    const creates = scaled(settings, 1_500, 20);
    const { statuses, worst_ms, faults, whole } = await litestreamDrill(creates);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    const answered = { creates, share: (statuses[201] ?? 0) / creates, events: whole };
    return [
      within("POST of a task beside Litestream, answered with 201", answered, "share", ">=", 1),
      // What waits for another process's lock is given up after a second.
      within("the slowest POST of a task beside Litestream", { worst_ms }, "worst_ms", "<=", 1_000),
    ];
  },
};
