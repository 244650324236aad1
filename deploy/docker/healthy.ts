/** The health check of containers: `bun deploy/docker/healthy.ts <url>` exits with 0 when the URL answers 2xx. */
const response = await fetch(Bun.argv[2] ?? "", { signal: AbortSignal.timeout(3_000) });
process.exitCode = response.ok ? 0 : 1;
