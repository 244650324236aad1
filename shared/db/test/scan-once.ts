/** Writes to a file, reads it by the thread and prints that: what an executable must be able to do by itself. */
import { openDatabase } from "../database.ts";
import { raw } from "../sql.ts";

const db = await openDatabase(`file:${process.argv[2]}`);
await db.write([raw("create table t (x)"), raw("insert into t values (7)")]);
process.stdout.write(JSON.stringify(await db.scan(raw("select x from t"))));
db.close();
