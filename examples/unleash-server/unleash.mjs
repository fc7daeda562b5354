// Hosts an Unleash server, which ends when its parent does, however that came about.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.on('disconnect', () => process.exit(0));

async function start({ port, url, databaseUrl, adminToken, clientToken, secret }) {
  // Read while the server is imported. It would phone home otherwise.
  Object.assign(process.env, {
    CHECK_VERSION: 'false',
    SEND_TELEMETRY: 'false',
    INIT_ADMIN_API_TOKENS: adminToken,
    INIT_BACKEND_API_TOKENS: clientToken,
  });
  const { start: startServer } = await import('unleash-server');
  await startServer({
    databaseUrl,
    db: { ssl: false, pool: { min: 0, max: 4 } },
    server: { port, host: '127.0.0.1', unleashUrl: url, secret },
    logLevel: 'warn',
    versionCheck: { enable: false },
    telemetry: false,
  });
  // The migrations' tool leaves a handler behind that ends the process at any unhandled rejection, and Unleash 7.5.1
  // leaves one: it writes down the stages of a flag's life without waiting, which fails where the flag is gone by then.
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => console.error(reason));
}

process.once('message', (options) => {
  start(options).then(
    () => process.send?.({ kind: 'ready' }),
    (error) => process.send?.({ kind: 'failed', message: String(error?.message ?? error) }),
  );
});
