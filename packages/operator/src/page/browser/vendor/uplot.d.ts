import uPlot from 'uplot';

// The service serves the package's own module under this name: a browser finds nothing by a package's name alone.
// biome-ignore lint/style/noDefaultExport: it is the library's.
export default uPlot;
