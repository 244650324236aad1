import type { JwkSet } from "@stoa/auth";
import { deriveKey } from "@stoa/auth/derive-key";
import { startMails } from "@stoa/mail/start-bun";
import { type Ground, jwksOf, periodically, type RunningService, startFooting, startIndexing } from "@stoa/runtime";
import { createApp } from "./app.ts";
import { startAssistants } from "./assistants/answers/start.ts";
import { assistantSettings } from "./assistants/settings.ts";
import { mailDigestsDue } from "./digests/send.ts";
import { handlers } from "./handlers.ts";
import { exchangeOver } from "./live/exchange.ts";
import { maintain } from "./maintenance.ts";
import { searchedMessages } from "./messages/searched.ts";
import { startRetention } from "./retention/start-bun.ts";
import { createStreams } from "./stream/streams.ts";
import { writeSignalOver } from "./stream/write-signal.ts";

const MAINTENANCE_MS = 60_000;
/** How often notifications are looked for that are due to be mailed; milliseconds. */
const DIGESTS_MS = 5_000;

/**
 * Starts messaging on Bun, with its live streams.
 *
 * @param keys identity's keys; asked for over HTTP when absent
 */
export async function startMessaging(ground: Ground, keys?: () => Promise<JwkSet>): Promise<RunningService> {
  const { config, db, log, now } = ground;
  const footing = await startFooting(ground, {
    service: "messaging",
    handlers: handlers(config.access_token_expire_minutes * 60),
    keys: keys ? { keys } : jwksOf(config),
  });
  const { http, readYourWrites, revocations, standstills } = footing;
  const ticket_key = await deriveKey(config.secret_key, "stream-ticket");
  const { transport } = ground;
  const channel = "channel" in transport ? transport.channel("live.messaging") : undefined;
  const exchange = channel && exchangeOver(channel);
  const signal = channel && writeSignalOver(channel);
  const standstill = standstills.of("streams", "the streams of messaging");
  const streams = createStreams({ db, now, log, revocations, ticket_key, exchange, signal, standstill });
  const cursor_key = await deriveKey(config.secret_key, "cursor");
  const assistants = startAssistants({ settings: assistantSettings(config), db, now, log, alone: db.kind === "file" });
  const { upgrade } = ground;
  const app = createApp({ http, db, now, readYourWrites, streams, upgrade, assistants, cursor_key });
  const mails = startMails({ config, db, now, log }, "messaging-");
  const digests = { db, now, public_url: config.public_url };
  const stopping = new AbortController();
  const mailDigests = async () => {
    await mailDigestsDue(digests, stopping.signal);
  };
  const stopDigests = periodically(DIGESTS_MS, "digests", mailDigests, log);
  let someoneWasErased = false;
  revocations.onChange(({ type }) => {
    someoneWasErased ||= type === "stoa.identity.user.erased.v1";
  });
  const maintenance = async () => {
    await maintain({ db, now });
    // By now their mails have gone from the table as well.
    if (someoneWasErased) mails.sweepSoon();
    someoneWasErased = false;
  };
  const stopMaintenance = periodically(MAINTENANCE_MS, "messaging", maintenance, log);
  const stopIndexing = startIndexing(db, searchedMessages, log);
  const stopRetention = startRetention({ db, now }, config.message_retention_days, log);
  return {
    http: footing.http,
    fetch: app.fetch,
    closeStreams: () => streams.hub.close(),
    stop: async () => {
      stopping.abort();
      await Promise.all([
        stopIndexing(),
        stopMaintenance(),
        stopRetention(),
        stopDigests(),
        mails.stop(),
        assistants.close(),
      ]);
      await footing.stop();
    },
  };
}
