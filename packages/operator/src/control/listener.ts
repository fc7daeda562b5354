import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, internal, send } from './answer.js';

/** Makes a listener of what finds the answer of a request; null: it has answered already. `failed` is told what should not be. */
export const listenerOf =
  (
    answer: (request: IncomingMessage, response: ServerResponse) => Promise<Answer | null>,
    failed: (error: unknown) => void,
  ): ((request: IncomingMessage, response: ServerResponse) => void) =>
  (request, response) => {
    answer(request, response)
      .then((answered) => {
        if (answered !== null) send(response, answered);
        // What was not read must not be taken for the next request.
        if (!request.readableEnded) request.resume();
      })
      .catch((error: unknown) => {
        // The connection is gone, or this package is at fault.
        if (!request.complete) return;
        failed(error);
        send(response, internal);
      });
  };
