import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Config } from '../config.js';
import { createEngineClient, type EngineClient, type EngineName } from './engineClient.js';
import { createHttpTransport } from './httpTransport.js';
import type { EngineMethod } from './methods.js';

/** Opens the engine of each adapter, or the one that both share. */
export type OpenEngines = (
  config: Config,
  onUnknownField: (engine: EngineName, method: EngineMethod, path: string) => void,
) => Readonly<Record<AdapterVersion, EngineClient>>;

/** Speaks to the engines over HTTP; connections are opened by the first calls. */
export const openEngines: OpenEngines = (config, onUnknownField) => {
  const { clock, maxResponseBytes, timeoutFactor } = config;
  const open = (name: EngineName, { url, secret }: Config['v4']): EngineClient =>
    createEngineClient({
      name,
      transport: createHttpTransport({ engine: name, url, secret, maxResponseBytes, clock }),
      clock,
      timeoutFactor,
      onUnknownField: (method, path) => onUnknownField(name, method, path),
    });
  if (!config.sharedEngine) return { v4: open('v4', config.v4), v5: open('v5', config.v5) };
  const shared = open('shared', config.v4);
  return { v4: shared, v5: shared };
};
