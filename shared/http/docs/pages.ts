import { catalogue, type ErrorCode } from "@stoa/errors";

/** A document that the page can show, and where it is. */
export interface Definition {
  readonly name: string;
  readonly url: string;
}

/**
 * The page of Swagger UI over one or more definitions, selectable when there are several.
 *
 * @param base where the assets are: `/docs/assets`
 */
export function documentationPage(title: string, base: string, definitions: readonly Definition[]): string {
  return page(
    title,
    base,
    `<link rel="stylesheet" href="${base}/swagger-ui.css">
<script src="${base}/swagger-ui-bundle.js" defer></script>
<script src="${base}/swagger-ui-standalone-preset.js" defer></script>
<script src="${base}/init.js" defer></script>`,
    `<div id="swagger-ui" data-definitions="${escaped(JSON.stringify(definitions))}"></div>
<noscript><main><h1>${escaped(title)}</h1>
<ul>${definitions.map(({ name, url }) => `<li><a href="${escaped(url)}">${escaped(name)}</a></li>`).join("")}</ul>
</main></noscript>`,
  );
}

/** The catalogue of errors as a page, with an anchor for each code: what `type` of a problem document links to. */
export function errorsPage(base: string): string {
  const rows = errorList().map(
    ({ error_code, status, title, detail }) =>
      `<tr id="${error_code}"><td><a href="#${error_code}"><code>${error_code}</code></a></td><td>${status}</td>
<td><strong>${escaped(title)}.</strong> ${escaped(detail)}</td></tr>`,
  );
  return page(
    "Stoa: errors",
    base,
    "",
    `<main><h1>Errors</h1>
<p>Every error is an <code>application/problem+json</code> document (RFC 9457). Its <code>error_code</code> is one of
these and never changes its meaning.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>
${rows.join("\n")}
</tbody></table></main>`,
  );
}

/** One entry of the catalogue, as `/docs/errors` answers it to a program. */
export interface ErrorEntry {
  readonly error_code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** The catalogue, by status and then by code. */
export function errorList(): ErrorEntry[] {
  return (Object.entries(catalogue) as [ErrorCode, readonly [number, string, string]][])
    .map(([error_code, [status, title, detail]]) => ({ error_code, status, title, detail }))
    .sort((a, b) => a.status - b.status || (a.error_code < b.error_code ? -1 : 1));
}

function page(title: string, base: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="${base}/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${base}/stoa.css">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
