export { reportHtml } from './html.js';
export { readReport } from './readReport.js';
