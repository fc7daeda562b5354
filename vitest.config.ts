import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string): string => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run on the sources, so that coverage is of what is written and nothing stale is tested.
    alias: {
      '@lighthouse-compat/example-devnet': fileURLToPath(new URL('examples/devnet/src/index.ts', import.meta.url)),
      '@lighthouse-compat/example-unleash-server': fileURLToPath(
        new URL('examples/unleash-server/src/index.ts', import.meta.url),
      ),
      '@lighthouse-compat/conversions': source('conversions'),
      '@lighthouse-compat/flag-provider/unleash/admin': fileURLToPath(
        new URL('packages/flag-provider/src/unleash/admin/index.ts', import.meta.url),
      ),
      '@lighthouse-compat/flag-provider/unleash': fileURLToPath(
        new URL('packages/flag-provider/src/unleash/index.ts', import.meta.url),
      ),
      '@lighthouse-compat/flag-provider': source('flag-provider'),
      '@lighthouse-compat/operator': source('operator'),
      '@lighthouse-compat/sdk': source('sdk'),
      '@lighthouse-compat/report': source('report'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/support/unleashStarter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 90 },
    },
  },
});
