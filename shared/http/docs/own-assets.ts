/**
 * Starts Swagger UI: in a file of its own, because a strict policy runs no script written into a page. The page says
 * in an attribute which definitions there are. The logo that Swagger UI brings carries a style of its own, which such
 * a policy refuses as well, so ours takes its place.
 */
export const initScript = `const root = document.getElementById("swagger-ui");
const definitions = JSON.parse(root.dataset.definitions);
window.ui = SwaggerUIBundle({
  domNode: root,
  ...(definitions.length > 1 ? { urls: definitions } : { url: definitions[0].url }),
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: definitions.length > 1 ? "StandaloneLayout" : "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  persistAuthorization: true,
  validatorUrl: null,
  plugins: [({ React }) => ({ components: { Logo: () => React.createElement("strong", { className: "stoa-logo" }, "Stoa") } })],
});
`;

/** What our own pages look like. */
export const stylesheet = `:root { color-scheme: light; }
body { margin: 0; background: #fafafa; color: #1f2937; font-family: system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; line-height: 1.5; }
h1 { font-size: 1.6rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem; border-bottom: 1px solid #e5e7eb; }
code { font-family: ui-monospace, monospace; }
tr:target { background: #fef3c7; }
a { color: #1d4ed8; }
.stoa-logo { color: #fff; font-size: 1.4rem; }
`;

/** The pages' icon: three columns under a roof. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path fill="#1d4ed8" d="M1 5 8 1l7 4v1H1zm1 2h2v6H2zm5 0h2v6H7zm5 0h2v6h-2zM1 14h14v1H1z"/>
</svg>
`;
