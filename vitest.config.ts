import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string): string => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

/** Tests that judge how fast an engine answers: with anything beside them they would judge that. */
const speedSensitive = [
  'test/integration/chaos.test.ts',
  'test/integration/migration.test.ts',
  'test/integration/migrationDemo.test.ts',
  'test/integration/migrationPage.test.ts',
  'test/sdk/network.test.ts',
];
const notTests = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  resolve: {
    // Tests run on the sources, so that coverage is of what is written and nothing stale is tested.
    alias: {
      '@lighthouse-compat/example-devnet': fileURLToPath(new URL('examples/devnet/src/index.ts', import.meta.url)),
      '@lighthouse-compat/example-fleet': fileURLToPath(new URL('examples/fleet/src/index.ts', import.meta.url)),
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
    projects: [
      {
        extends: true,
        // Most of these wait for something, so that two at a time suit even two cores.
        test: {
          name: 'beside',
          include: ['test/**/*.test.ts'],
          exclude: [...notTests, ...speedSensitive],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: speedSensitive, exclude: notTests, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
    globalSetup: ['test/support/unleashStarter.ts'],
    testTimeout: 60_000,
    // What a test waits for comes when the machine has time for it.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      // What touches a document runs in a browser alone, where the tests of the page see to it.
      exclude: [
        'packages/operator/src/page/browser/{dom,vendor}/**',
        'packages/operator/src/page/browser/{main,watch}.ts',
      ],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 90 },
    },
  },
});
