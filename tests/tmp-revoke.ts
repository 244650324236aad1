import { signUp } from "./client.ts";
import { startDistributed } from "./topologies/compose.ts";
await using stoa = await startDistributed();
const { identity, projects, messaging } = stoa.services;
const urls = { identity: `${identity}/api/v1/auth/me`, projects: `${projects}/api/v1/projects`, messaging: `${messaging}/api/v1/conversations` };
const base = stoa.gatewayUrl;
const end = performance.now() + Number(process.argv[2] ?? 60) * 1000;
const all: Record<string, number[]> = { identity: [], projects: [], messaging: [] };
const person = await signUp(base, "ana");
let n = 0;
while (performance.now() < end) {
  const login = await fetch(`${base}/api/v1/auth/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ username: person.username, password: person.password }) });
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  for (const url of Object.values(urls)) await fetch(url, { headers }).then((r) => r.text());
  await Bun.sleep(Math.random() * 400);
  const begin = performance.now();
  await fetch(`${base}/api/v1/auth/logout`, { method: "POST", headers });
  const acked = performance.now();
  await Promise.all(Object.entries(urls).map(async ([name, url]) => {
    let looks = 0;
    for (;;) {
      const r = await fetch(url, { headers }); await r.text(); looks++;
      if (r.status === 401) break;
      await Bun.sleep(5);
    }
    const ms = performance.now() - acked;
    all[name]!.push(ms);
    if (ms > 300) console.log(n, name, Math.round(ms), "ms", looks, "looks; ack took", Math.round(acked - begin), new Date().toISOString());
  }));
  n++;
}
for (const [name, list] of Object.entries(all)) { list.sort((a, b) => a - b); console.log(name, list.length, "p50", list[list.length >> 1]?.toFixed(1), "p99", list[Math.floor(list.length * 0.99)]?.toFixed(1), "max", list.at(-1)?.toFixed(1)); }
await stoa.stop();
process.exit();
