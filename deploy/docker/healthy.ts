/** A container's health check: `bun deploy/docker/healthy.ts <url>` ends with 0 when the address answers 2xx. */
const response = await fetch(Bun.argv[2] ?? "", { signal: AbortSignal.timeout(3_000) });
process.exitCode = response.ok ? 0 : 1;
