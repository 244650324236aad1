/**
 * Begins a write transaction of an sqld on a stream of its own and leaves it open. sqld takes the lock away after its
 * `txn_timeout_s` when another one waits.
 *
 * @param url of an sqld
 * @returns gives the lock back when it is disposed of
 */
export async function holdWriteLock(url: string): Promise<AsyncDisposable> {
  const send = (body: object) => fetch(`${url}/v2/pipeline`, { method: "POST", body: JSON.stringify(body) });
  const execute = (sql: string) => ({ type: "execute", stmt: { sql } });
  const answer = await send({ requests: [execute("begin immediate")] });
  const { baton, results } = (await answer.json()) as { baton: string; results: { type: string }[] };
  if (!results.every(({ type }) => type === "ok")) throw new Error("sqld refused to begin a write transaction.");
  return {
    [Symbol.asyncDispose]: async () => {
      await send({ baton, requests: [execute("rollback"), { type: "close" }] });
    },
  };
}
