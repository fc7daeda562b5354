import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startUnleashServer, type UnleashServer } from '@lighthouse-compat/example-unleash-server';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files ask for the run's Unleash server. */
    unleashStarter: string;
  }
}

/** Keeps one Unleash server for the whole test run, started when a test first asks for it and lent to one file at a time: the flags that the SDK asks for have the same names everywhere. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<UnleashServer> | undefined;
  let last: Promise<void> = Promise.resolve();
  let isKilled = false;
  let isDown = false;
  /** An end that no test asked for is told: the tests that follow would only find no server. */
  const watch = async (server: UnleashServer): Promise<void> => {
    const exit = await server.exited;
    isDown = true;
    if (isKilled) return;
    const lines = server.outputTail().join('\n  ');
    process.stderr.write(`the Unleash server has ended by itself (${exit.signal ?? exit.code})\n  ${lines}\n`);
  };
  const start = async (): Promise<UnleashServer> => {
    const server = await startUnleashServer();
    void watch(server);
    return server;
  };
  const restart = async (server: UnleashServer): Promise<void> => {
    isKilled = true;
    await server.restart();
    isKilled = false;
    isDown = false;
    void watch(server);
  };
  const alive = async (): Promise<UnleashServer> => {
    starting ??= start();
    const server = await starting;
    // Whoever had it before may have killed it.
    if (isDown) await restart(server);
    return server;
  };

  /** Answers when it is the asker's turn, and takes its hanging up for the end of it. */
  async function lend(response: ServerResponse): Promise<void> {
    const turn = last;
    const returned = once(response, 'close').then(() => {});
    last = turn.then(() => returned);
    await turn;
    if (response.destroyed) return;
    try {
      const server = await alive();
      const { url, apiUrl, adminToken, clientToken, project: name, environment, login, pid, databasePid } = server;
      const told = { url, apiUrl, adminToken, clientToken, project: name, environment, login, pid, databasePid };
      response.writeHead(200).write(`${JSON.stringify(told)}\n`);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    if (request.url === '/lease') return lend(response);
    const server = await starting;
    if (request.url === '/kill') {
      isKilled = true;
      server?.kill('SIGKILL');
      await server?.exited;
    } else if (server !== undefined) {
      await restart(server);
    }
    response.end(String(server?.pid));
  }

  const starter = createServer((request, response) => {
    handle(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  starter.listen(0, '127.0.0.1');
  await once(starter, 'listening');
  project.provide('unleashStarter', `http://127.0.0.1:${(starter.address() as AddressInfo).port}`);

  return async () => {
    starter.close();
    starter.closeAllConnections();
    const server = await starting?.catch(() => undefined);
    isKilled = true;
    await server?.stop();
  };
}
