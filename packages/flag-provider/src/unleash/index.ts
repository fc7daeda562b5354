export type { Clock } from './clock.js';
export { UnleashFileProvider, type UnleashFileProviderOptions } from './fileProvider.js';
export type {
  UnleashClientOptions,
  UnleashConnectionOptions,
  UnleashInstanceOptions,
  UnleashProviderOptions,
} from './options.js';
export { UnleashProvider } from './provider.js';
