import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startUnleashServer } from '@lighthouse-compat/example-unleash-server';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { root } from '../support/process.js';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from '../support/unleashServer.js';

/** Makes a folder for what a test leaves in the temporary directory; PostgreSQL's user has to get into it. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unleash-server-test-'));
  await chmod(folder, 0o711);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The processes that run with a temporary directory of their own, by what is in their environment or their arguments. */
function processesOf(folder: string): readonly number[] {
  const belongs = (pid: string): boolean =>
    ['environ', 'cmdline'].some((file) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder);
      } catch {
        return false;
      }
    });
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && belongs(name))
    .map(Number);
}

describe('the server of the test run', () => {
  let unleash: UnleashLease;
  beforeAll(async () => {
    unleash = await leaseUnleash();
  }, leaseTimeoutMs);
  afterAll(() => unleash?.release());

  test('serves its UI and its API, and knows its tokens', async () => {
    const page = await fetch(unleash.url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const flags = await fetch(`${unleash.apiUrl}/client/features`, {
      headers: { authorization: unleash.clientToken },
    });
    expect(await flags.json()).toMatchObject({ features: [] });
    const stranger = await fetch(`${unleash.apiUrl}/client/features`, { headers: { authorization: 'default:x.y' } });
    expect(stranger.status).toBe(401);
  });

  test('does not phone home', async () => {
    const settings = (await unleash.ask('GET', '/ui-config')) as { versionInfo: { latest: object } };
    expect(settings.versionInfo.latest).toEqual({});
    expect(await unleash.ask('GET', '/telemetry/settings')).toEqual({
      versionInfoCollectionEnabled: false,
      featureInfoCollectionEnabled: false,
    });
  });

  test('keeps its data, its address and its tokens when it is killed and started again', async () => {
    await unleash.ask('POST', `/projects/${unleash.project}/features`, { name: 'kept', type: 'release' });
    await unleash.kill();
    await expect(fetch(unleash.url)).rejects.toThrow();
    await unleash.restart();
    expect(await unleash.ask('GET', `/projects/${unleash.project}/features/kept`)).toMatchObject({ name: 'kept' });
  });
});

describe.runIf(existsSync('/proc/self/environ'))('a server of its own', () => {
  test('leaves neither a process nor a folder when its start is aborted', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const abort = new AbortController();
    const start = startUnleashServer({ signal: abort.signal });
    await vi.waitFor(async () => expect(await readdir(folder)).not.toHaveLength(0), { timeout: 20_000, interval: 20 });
    abort.abort();
    await expect(start).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await readdir(folder)).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
  });

  test('ends with its database and its folder when it is stopped, as often as one likes', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const server = await startUnleashServer();
    expect(processesOf(folder).length).toBeGreaterThanOrEqual(3);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(processesOf(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    await expect(server.restart()).rejects.toMatchObject({ code: 'ABORTED' });
  }, 120_000);

  test('leaves neither a process nor a folder when the process that started it is killed outright', async () => {
    const folder = await temporaryFolder();
    const script = `
      import { runnerImport } from 'vite';
      const { module } = await runnerImport(process.argv[1], { configFile: false, logLevel: 'error' });
      const server = await module.startUnleashServer();
      console.log(server.url);
      process.stdin.resume();
    `;
    const index = join(root, 'examples/unleash-server/src/index.ts');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, index], {
      cwd: root,
      env: { ...process.env, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      parent.kill('SIGKILL');
    });
    const ended = once(parent, 'exit').then(() => Promise.reject(new Error('the parent has ended')));
    const [url] = (await Promise.race([once(createInterface(parent.stdout), 'line'), ended])) as [string];
    ended.catch(() => {});
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(processesOf(folder).length).toBeGreaterThanOrEqual(3);
    expect(await readdir(folder)).toHaveLength(1);

    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), { timeout: 20_000, interval: 50 });
    expect(await readdir(folder)).toEqual([]);
  }, 120_000);
});
