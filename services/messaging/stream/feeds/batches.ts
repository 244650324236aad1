/** Rows read at a time for all streams. */
export const READ_BATCH = 200;
/** Rows read at a time for one stream that catches up. */
export const CATCH_UP_BATCH = 100;
