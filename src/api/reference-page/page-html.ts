import { BUNDLE_PATH } from "./bundle.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** What Scalar is told. Everything that would ask another host is off: fonts, telemetry, the proxy, the assistant. */
const SETTINGS = {
  url: "/v1/openapi.json",
  theme: "none",
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
  hideClientButton: true,
  documentDownloadType: "json",
  // The samples of the description are the ones that were tried out; Scalar would make up others.
  hiddenClients: true,
  defaultOpenAllTags: false,
  operationTitleSource: "summary",
  authentication: { preferredSecurityScheme: "apiKey" },
  customCss: PAGE_STYLE,
};

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Ccircle cx='16' cy='16' r='14' fill='%231f5eff'/%3E%3Ccircle cx='16' cy='16' r='5' fill='white'/%3E%3C/svg%3E";

/**
 * What Scalar does that the policy forbids, done so that it allows it: style elements get the nonce as they are made, and the question whether functions may be made of
 * text is answered at once.
 */
function allowScalar(nonce: string): string {
  return `
const createElement = document.createElement.bind(document);
document.createElement = (name, options) => {
  const element = createElement(name, options);
  if (String(name).toLowerCase() === "style") element.nonce = "${nonce}";
  return element;
};
const refuse = () => { throw new EvalError("no functions are made of text here"); };
window.Function = new Proxy(Function, { construct: refuse, apply: refuse });`;
}

/** The page. What is tried out on it goes to where it came from, whatever address the description names. */
export function pageHtml(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CloudNexus API reference</title>
<meta name="description" content="Every call of the CloudNexus API: what it does, what it costs, what can go wrong.">
<link rel="icon" href="${ICON}">
</head>
<body>
<noscript>This page is drawn by a script. What it shows is in <a href="/v1/openapi.json">/v1/openapi.json</a>, for programs and patient people.</noscript>
<div id="reference"></div>
<script nonce="${nonce}">${allowScalar(nonce)}
</script>
<script nonce="${nonce}" src="${BUNDLE_PATH}"></script>
<script nonce="${nonce}">
Scalar.createApiReference("#reference", { ...${JSON.stringify(SETTINGS)}, servers: [{ url: location.origin }] });
</script>
</body>
</html>
`;
}

/**
 * Nothing but what the page itself brings and this API answers. Attributes may hold style: Scalar writes the widths of its code blocks there; they run nothing, and can load
 * nothing from elsewhere.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
