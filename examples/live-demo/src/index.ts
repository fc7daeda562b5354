export { usageOf } from './options.js';
export { runLiveDemo } from './runLiveDemo.js';
