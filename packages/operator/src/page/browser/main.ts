import { browserClock } from './clock.js';
import { createApi } from './feed/api.js';
import { watch } from './watch.js';

watch({
  api: createApi(new URL('.', document.baseURI).href, window.fetch.bind(window)),
  clock: browserClock,
  heartbeatMs: Number(document.documentElement.dataset['heartbeatMs']),
});
