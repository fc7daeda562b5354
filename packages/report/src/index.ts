export { runReport, type Terminal } from './command.js';
export { reportHtml } from './html.js';
export { readReport } from './readReport.js';
