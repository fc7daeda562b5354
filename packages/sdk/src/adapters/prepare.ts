import type { EngineClient } from '../engine/engineClient.js';
import type { EngineMethod, EngineMethods } from '../engine/methods.js';
import type { EngineCall } from './lighthouseApi.js';

/** Binds a method and its serialized parameters to an engine, to be sent later. */
export function prepare<M extends EngineMethod>(
  engine: EngineClient,
  method: M,
  params: EngineMethods[M]['params'],
): EngineCall<EngineMethods[M]['result']> {
  return { method, send: (options) => engine.call(method, params, options) };
}
