export { ConfigError } from "./config-error.ts";
export { envExample } from "./example.ts";
export { loadConfig } from "./load.ts";
export { type Config, type DatabaseConfig, type Environment, type Target } from "./settle.ts";
export { configOrExit } from "./start.ts";
