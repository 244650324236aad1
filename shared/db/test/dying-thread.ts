/** A thread of long reads that dies of `die`, throws at `throw`, and answers everything else with the statement. */
declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<{ id?: number; sql?: string }>) => {
  if (data.sql === "die") process.exit(3);
  if (data.sql === "throw") throw new Error("thrown in the thread");
  if (data.id !== undefined) self.postMessage({ id: data.id, rows: [{ sql: data.sql }] });
};
