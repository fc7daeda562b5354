import type { LighthouseCompat, MigrationController } from '@lighthouse-compat/sdk';
import type { EventStream } from './eventStream.js';

/** Passes on what a migration and its instance tell; the function returned ends that. */
export function watchEvents(
  { publish, status }: Pick<EventStream, 'publish' | 'status'>,
  compat: Pick<LighthouseCompat, 'on'>,
  controller: MigrationController | null,
): () => void {
  const endings = [
    compat.on('modeChanged', status),
    compat.on('standby', status),
    compat.on('latched', status),
    compat.on('latchCleared', status),
  ];
  if (controller !== null) {
    endings.push(
      controller.on('transition', (detail) => {
        publish('transition', detail);
        status();
      }),
      controller.on('check', (detail) => publish('check', detail)),
      controller.on('refused', (detail) => publish('refused', detail)),
      controller.on('alarm', (detail) => publish('alarm', detail)),
      controller.on('drill', (detail) => publish('drill', detail)),
    );
  }
  return () => {
    for (const end of endings) end();
  };
}
