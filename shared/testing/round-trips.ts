import type { Database } from "@stoa/db";

/** Counts the round trips to the database that some work takes, long reads among them. Nothing else may use the database meanwhile. */
export async function roundTrips(db: Database, work: () => Promise<unknown>): Promise<number> {
  const { query, queryAll, scan, write } = db;
  let trips = 0;
  const counting =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      trips++;
      return call(...args);
    };
  Object.assign(db, {
    query: counting(query),
    queryAll: counting(queryAll),
    scan: counting(scan),
    write: counting(write),
  });
  try {
    await work();
  } finally {
    Object.assign(db, { query, queryAll, scan, write });
  }
  return trips;
}
