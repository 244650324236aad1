export { type CaddyServer, startCaddy } from "./caddy.ts";
export { chromium } from "./chromium.ts";
export { freePort } from "./free-port.ts";
export { type NatsOptions, type NatsServer, startNats } from "./nats.ts";
export { type ProcessOptions, type ServerProcess, startProcess } from "./process.ts";
export { findProgram, program } from "./program.ts";
export { reachable } from "./reachable.ts";
export { type SqldServer, sqldBinary, startSqld } from "./sqld.ts";
export { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
