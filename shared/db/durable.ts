/** The part of sqld's configuration of a namespace that is changed here; the rest goes back as it came. */
interface NamespaceConfig {
  readonly durability_mode?: string;
  readonly txn_timeout_s?: number | null;
}

const wanted = { durability_mode: "strong", txn_timeout_s: 5 } as const;

/**
 * Makes sqld flush each commit to the disk (`durability_mode: strong`, SQLite's `synchronous=FULL`) and end transactions
 * that stay open for five seconds. sqld keeps this over restarts only when it runs with `--enable-namespaces`. Nothing is
 * changed when it is so already.
 *
 * @param admin the address of sqld's admin API, such as `http://identity-db:8081`
 * @returns whether something was changed
 * @throws Error when the admin API refuses
 */
export async function makeDurable(admin: string): Promise<boolean> {
  const namespace = `${admin}/v1/namespaces/default`;
  const signal = AbortSignal.timeout(5_000);
  const present = await fetch(`${namespace}/config`, { signal });
  const config = present.ok ? ((await present.json()) as NamespaceConfig) : undefined;
  if (config?.durability_mode === wanted.durability_mode && config.txn_timeout_s === wanted.txn_timeout_s) return false;
  const answer = await fetch(`${namespace}/${config ? "config" : "create"}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...config, ...wanted }),
    signal,
  });
  if (!answer.ok) throw new Error(`sqld refused to become durable (${answer.status}): ${await answer.text()}`);
  return true;
}
