/**
 * Generates `Caddyfile` beside this file from the route table: `bun deploy/gateway/caddyfile.ts [--check]`.
 * With --check, nothing is written, and an outdated file is an error.
 */
import { describe, type ErrorCode } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import type { CspMode } from "@stoa/http";
import { securityHeaders } from "@stoa/http/headers";
import { olderHeader } from "@stoa/http/older";
import { bodyDeadline } from "@stoa/http/receive";
import { api, healthOf, isUnder, older, passedOn, resources, unversioned } from "./routes.ts";

/** Generates the text of the Caddyfile. It runs on Caddy 2.6 and later. */
export function caddyfile(): string {
  return `# Generated from routes.ts by caddyfile.ts; do not edit.
#
# {$IDENTITY_UPSTREAM}, {$PROJECTS_UPSTREAM}, {$MESSAGING_UPSTREAM}: host:port; several are separated by spaces.
# {$SITE_ADDRESS}: http://:8080 by default; with a domain name, Caddy gets its certificate by itself.
# {$FRONT_PROXIES}: the proxies in front of Caddy whose X-Forwarded-For is trusted, as CIDR separated by spaces; none by
# default.
# {$SITE_ROOT}: the folder that \`bun deploy/gateway/site.ts\` has written. {$CSP_MODE}, {$ENVIRONMENT}: as for the
# services.
# {$READ_HEADER_TIMEOUT}, {$READ_BODY_TIMEOUT}: how long a client may take to send them.
# {$READINESS_TIMEOUT}: how long a service may take to say that it is ready.
{
	admin off
	servers {
		timeouts {
			read_header {$READ_HEADER_TIMEOUT:15s}
			# A service answers 408 earlier, by the size of the body; the largest has ${minutes(bodyDeadline(LARGEST_BODY))} minutes. Streams go on.
			read_body {$READ_BODY_TIMEOUT:${minutes(bodyDeadline(LARGEST_BODY))}m}
			idle 2m
		}
	}
	# Event streams never end by themselves, so Caddy closes them this long after it was asked to stop.
	grace_period 5s
	log {
		output stderr
		# The ticket of a stream is in the query and must not be logged.
		format filter {
			wrap json
			fields {
				request>uri query {
					delete ticket
				}
			}
		}
	}
}

# Bodies are not limited here, because each service answers 413 by its own limit, as a problem document.
(upstream) {
	trusted_proxies {$FRONT_PROXIES:255.255.255.255/32}
	# Of several instances the next one is tried after one that is down. By chance it could be the same one again and again.
	lb_policy round_robin
	# Caddy waits for a service that restarts, as long as nothing has been sent to it.
	lb_try_duration 1s
	lb_try_interval 100ms
	transport http {
		dial_timeout 2s
		# Bun keeps idle connections longer, so a request is never sent on a connection that is being closed.
		keepalive 5s
	}
	# Caddy would read the rest of a body that came too slowly before it passes the answer on, as long as the connection is
	# to stay open.
	@late status 408
	handle_response @late {
		header Connection close
		copy_response
	}
}

# A service that answers nothing is not ready, and whoever asks hears so. One whose database answers nothing says so in 5 s.
(probe) {
	trusted_proxies {$FRONT_PROXIES:255.255.255.255/32}
	lb_policy round_robin
	lb_try_duration 1s
	lb_try_interval 100ms
	transport http {
		dial_timeout 2s
		keepalive 5s
		response_header_timeout {$READINESS_TIMEOUT:8s}
	}
}

${securitySnippet()}

# A file of the site, for GET and HEAD only.
(page) {
	@write not method GET HEAD
	error @write 405
	root * {$SITE_ROOT:/srv/stoa}
	encode gzip
	file_server {
		disable_canonical_uris
	}
}

{$SITE_ADDRESS:http://:8080} {
	@unnamed not header_regexp X-Request-Id ^[\\x20-\\x7e]{1,128}$
	request_header @unnamed X-Request-Id {http.request.uuid}

	route {
${indent(2, rewrites())}
${indent(2, handles())}
	}

	handle_errors {
		import security
		header Content-Type application/problem+json
		# Text that is put into a JSON string must not end it.
		map {http.request.header.X-Request-Id} {stoa_request_id} {
			~^([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*)$ "\${1}"
			default "as in X-Request-Id"
		}
		map {http.request.orig_uri.path} {stoa_instance} {
			~^([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*)$ "\${1}"
			default "/"
		}
${indent(2, failures())}
	}
}
`;
}

/** Bytes of the largest body that an operation takes: an import. */
const LARGEST_BODY = 16 * 1024 * 1024;

function minutes(ms: number): number {
  return Math.ceil(ms / 60_000);
}

function securitySnippet(): string {
  const modes: readonly CspMode[] = ["strict", "relaxed"];
  const policies = modes.map((csp_mode) => {
    const headers = new Map(securityHeaders({ csp_mode, environment: "test" }));
    return `	@${csp_mode} expression \`"{$CSP_MODE:relaxed}" == "${csp_mode}"\`
	header @${csp_mode} Content-Security-Policy "${headers.get("content-security-policy")}"`;
  });
  const always = securityHeaders({ csp_mode: "disabled", environment: "test" });
  const names = new Set(always.map(([name]) => name));
  const production = securityHeaders({ csp_mode: "disabled", environment: "production" });
  return `# The headers of every response of the gateway itself.
(security) {
${policies.join("\n")}
	header {
${always.map(([name, value]) => `		${name} "${value}"`).join("\n")}
		x-request-id {http.request.header.X-Request-Id}
		-server
	}
	@production expression \`"{$ENVIRONMENT:development}" == "production"\`
	header @production {
${production
  .filter(([name]) => !names.has(name))
  .map(([name, value]) => `		${name} "${value}"`)
  .join("\n")}
	}
}`;
}

/** Rewrites the paths of older clients to today's; none is rewritten twice. */
function rewrites(): string {
  const rules = older.map(
    ([from, to]) => `@old${name(from)} {
	path ${from} ${from}/*
${indent(1, exceptions(from))}}
route @old${name(from)} {
	uri strip_prefix ${from}
	rewrite * ${to}{uri}
	request_header ${olderHeader} 1
}`,
  );
  return `# Older clients\nrequest_header -${olderHeader}\n${rules.join("\n")}`;
}

/** What stands below a path and is not rewritten with it. */
function exceptions(prefix: string): string {
  const paths = Object.keys(passedOn).filter((path) => isUnder(path, prefix));
  return paths.length === 0 ? "" : `not path ${paths.map((path) => `${path} ${path}/`).join(" ")}\n`;
}

function handles(): string {
  const blocks = [
    ...services.map((service) => {
      const paths = resources[service].map((resource) => `${api}/${resource}`).filter((path) => path !== stream);
      const outside = Object.keys(unversioned).filter((prefix) => unversioned[prefix] === service);
      return handle(service, [...paths, ...outside], proxy(service));
    }),
    ...services.flatMap((service) => {
      const paths = Object.keys(passedOn).filter((path) => passedOn[path] === service);
      if (paths.length === 0) return [];
      const all = paths.map((path) => `${path} ${path}/`).join(" ");
      return [`@passed_on_${service} path ${all}\nhandle @passed_on_${service} {\n${indent(1, proxy(service))}\n}`];
    }),
    handle("stream", [stream], proxy("messaging", "\tflush_interval -1\n")),
    ...services.map((service) =>
      handle(
        `health_${service}`,
        [`/health/${service}`],
        `route {\n\turi strip_prefix /health/${service}\n\trewrite * /health{uri}\n}\n${proxy(service)}`,
      ),
    ),
    exactly("ready", "/health/ready", `header -Stoa-Health\n${readiness()}`),
    handle("health", ["/health"], proxy(healthOf)),
    ...services.map((service) =>
      exactly(`docs_${service}_json`, `/docs/${service}/json`, `rewrite * /swagger/json\n${proxy(service)}`),
    ),
    ...services.map((service) => exactly(`docs_${service}`, `/docs/${service}`, file(`/docs/${service}.html`))),
    exactly("docs", "/docs", file("/docs/index.html")),
    `@errors_json {
	path /docs/errors /docs/errors/
	header Accept *application/json*
	not header Accept *text/html*
}
handle @errors_json {
	header Vary Accept
${indent(1, file("/docs/errors.json"))}
}`,
    exactly("errors", "/docs/errors", `header Vary Accept\n${file("/docs/errors.html")}`),
    `handle /docs/assets/* {\n\theader Cache-Control "public, max-age=3600"\n\timport security\n\timport page\n}`,
    exactly("openapi", `${api}/openapi.json`, file("/openapi.json")),
    `handle / {\n${indent(1, file("/index.json"))}\n}`,
    "handle {\n\terror 404\n}",
  ];
  return blocks.join("\n");
}

const stream = `${api}/stream`;

function handle(label: string, prefixes: readonly string[], body: string): string {
  return `@${label} path ${prefixes.map((prefix) => `${prefix} ${prefix}/*`).join(" ")}\nhandle @${label} {\n${indent(1, body)}\n}`;
}

/** Handles one path, with or without a trailing slash. */
function exactly(label: string, path: string, body: string): string {
  return `@${label} path ${path} ${path}/\nhandle @${label} {\n${indent(1, body)}\n}`;
}

function proxy(service: ServiceName, option = "", snippet: "upstream" | "probe" = "upstream"): string {
  return `reverse_proxy {$${service.toUpperCase()}_UPSTREAM} {\n${option}\timport ${snippet}\n}`;
}

/**
 * The readiness of all three services. Each is asked only after the one before it was ready, and the first answer that is
 * not 2xx is the gateway's. When all are ready they are asked again in turn, and the first that is degraded answers, or
 * else the last: that costs five requests, and the gateway needs no program of its own. One that answers nothing is a 502.
 */
function readiness(): string {
  const rounds = [
    ...services.map((service) => ({ service, goOn: "status 2xx" })),
    ...services.map((service) => ({ service, goOn: "header Stoa-Health ok" })),
  ];
  return rounds.slice(0, -1).reduceRight(
    (inner, { service, goOn }) => {
      const next = `@next ${goOn}\nhandle_response @next {\n${indent(1, inner)}\n}`;
      return proxy(service, `${indent(1, next)}\n`, "probe");
    },
    proxy(rounds.at(-1)?.service ?? healthOf, "", "probe"),
  );
}

function file(path: string): string {
  return `rewrite * ${path}\nimport security\nimport page`;
}

function failures(): string {
  const cases: [label: string, condition: string, code: ErrorCode][] = [
    ["missing", "{http.error.status_code} == 404", "not_found"],
    ["method", "{http.error.status_code} == 405", "method_not_allowed"],
    ["large", "{http.error.status_code} == 413", "payload_too_large"],
    ["away", "{http.error.status_code} in [502, 503, 504]", "upstream_unavailable"],
  ];
  return [
    ...cases.map(
      ([label, condition, code]) => `@${label} expression \`${condition}\`
handle @${label} {
${code === "method_not_allowed" ? '\theader Allow "GET, HEAD"\n' : ""}${code === "upstream_unavailable" ? '\theader Retry-After "1"\n' : ""}${indent(1, respond(code))}
}`,
    ),
    `handle {\n${indent(1, respond("internal_error"))}\n}`,
  ].join("\n");
}

function respond(code: ErrorCode): string {
  const { status, title, sentence } = describe(code);
  const problem = {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: sentence,
    instance: "{stoa_instance}",
    error_code: code,
    request_id: "{stoa_request_id}",
  };
  return `respond \`${JSON.stringify(problem)}\` ${status}`;
}

function name(path: string): string {
  return path.replaceAll("/", "_").replaceAll("-", "_");
}

function indent(depth: number, text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : "\t".repeat(depth) + line))
    .join("\n");
}

if (import.meta.main) {
  const target = Bun.file(new URL("Caddyfile", import.meta.url));
  const wanted = caddyfile();
  if (!process.argv.includes("--check")) await Bun.write(target, wanted);
  else if (!(await target.exists()) || (await target.text()) !== wanted) {
    console.error("deploy/gateway/Caddyfile is not current; run: bun deploy/gateway/caddyfile.ts");
    process.exitCode = 1;
  }
}
