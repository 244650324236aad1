export { type Addresses, addresses } from "./addresses.ts";
export { openServiceDatabase } from "./database.ts";
export { requestCap } from "./descriptors.ts";
export { orExit } from "./fail.ts";
export { startIndexing } from "./indexing.ts";
export { type Handle, type Listener, listen } from "./listen.ts";
export { periodically } from "./periodic.ts";
export { serveAlone } from "./serve-alone.ts";
export {
  type Footing,
  type FootingOptions,
  type Ground,
  jwksOf,
  type RunningService,
  startFooting,
} from "./service.ts";
export { stopOnSignal } from "./shutdown.ts";
export { type Sockets, sockets } from "./sockets.ts";
