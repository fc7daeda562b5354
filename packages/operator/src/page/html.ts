const section = (id: string, title: string, body: string): string =>
  `<section aria-labelledby="${id}-title" id="${id}">
<h2 id="${id}-title">${title}</h2>
${body}
</section>`;

const parts = (...names: readonly string[]): string =>
  names.map((name) => `<div data-part="${name}"></div>`).join('\n');

const chart = (name: string, title: string): string =>
  `<figure><h3>${title}</h3><div class="chart" data-chart="${name}"></div><figcaption data-part="${name}-caption"></figcaption></figure>`;

/** The document: what is always there, empty until the first status. Every address in it is relative, so that it works below any prefix. */
export const html = ({ heartbeatMs }: { readonly heartbeatMs: number }): string => `<!doctype html>
<html lang="en" data-heartbeat-ms="${heartbeatMs}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Migration</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page/vendor/uplot.css">
<link rel="stylesheet" href="page/style.css">
<script type="module" src="page/main.js"></script>
</head>
<body>
<header>
<h1>Lighthouse v4 to v5</h1>
<div data-part="connection"></div>
</header>
<main>
<noscript><p class="banner critical">This page needs JavaScript; the command and the control API do without.</p></noscript>
<div data-part="banners"></div>
<div class="say" role="status" data-part="said"></div>
${section('now', 'Migration', `${parts('timeline')}\n<div class="buttons" data-part="buttons"></div>\n${parts('drill', 'now')}`)}
${section('health', 'Health', parts('health'))}
${section('share', 'Share of v5', `${parts('share')}\n${chart('share', 'Set and measured')}`)}
${section('latency', 'v4 against v5', `${parts('latency')}\n<div class="charts">${chart('p50', 'p50 of new_payload')}${chart('p99', 'p99 of new_payload')}</div>`)}
${section('verdicts', 'Comparison', parts('verdicts'))}
${section('engines', 'Engines', parts('engines'))}
${section('journal', 'Journal', `<div data-part="pager"></div>\n${parts('journal')}`)}
</main>
<footer data-part="footer"></footer>
</body>
</html>
`;
