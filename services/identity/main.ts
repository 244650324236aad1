import { serveAlone } from "@stoa/runtime";
import { startIdentity } from "./start.ts";

await serveAlone("identity", async (ground) => {
  const identity = await startIdentity(ground);
  if (identity.firstPassword !== null) {
    const { first_superuser_email: email } = ground.config;
    process.stdout.write(`The first superuser, shown this once: ${email} ${identity.firstPassword}\n`);
  }
  return identity;
});
