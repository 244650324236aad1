export { adviceOn } from "./advice.ts";
export { ConfigError } from "./config-error.ts";
export { envExample } from "./example.ts";
export { loadConfig } from "./load.ts";
export type { Config, DatabaseConfig, Environment, Target } from "./settle.ts";
export { changedSettings, shownSettings } from "./shown.ts";
export { configOrExit } from "./start.ts";
