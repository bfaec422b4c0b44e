import { SafaceError } from '@saface/core';
import type { Command } from 'commander';
import { env } from '../env.ts';
import { progress } from '../output.ts';
import { controlAddress } from '../stack/agents.ts';
import { untilInterrupted } from '../stack/interrupt.ts';
import { EVERYWHERE, LOOPBACK, Stack } from '../stack/stack.ts';
import { enrolmentToken } from '../world/tokens.ts';

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('run the control plane and an edge on this machine until Ctrl-C')
    .option('--url <address>', 'how browsers and agents on other machines reach it; without it only this machine does')
    .option(
      '--listen <ip>',
      'with --url: address of this machine to listen at; default 127.0.0.1 for https, as a proxy ends that, else every one',
    )
    .action(async ({ url, listen }: { url?: string; listen?: string }) => {
      const { seedInstallation } = await import('../world/seed.ts');
      const reached = url === undefined ? {} : reachedBy(new URL(controlAddress(url)), listen);
      if (url === undefined && listen !== undefined)
        throw new SafaceError(
          'invalid-input',
          '--listen says nothing without --url',
          'Add --url with the address that others use.',
        );
      const stack = await Stack.open({ home: env.home, onEvent: progress, ...reached });
      await untilInterrupted(stack, async () => {
        const edge = { name: 'This machine', token: enrolmentToken(stack.secrets, 'edge') };
        const people = await seedInstallation(stack, edge);
        await stack.startControlPlane();
        if (people.hasEdge) await stack.startEdge(edge);
        else progress('The edge of this machine was deleted and is not started');
        progress(
          `\nSaFace runs at ${stack.url}\n  sign in as ${people.admin.email} with ${people.admin.password}\n  Ctrl-C stops it.`,
        );
      });
    });
}

/** Https is a proxy's work, most often on this machine: the port behind it is not to be reached past it. */
const reachedBy = (publicUrl: URL, listen: string | undefined) => ({
  publicUrl,
  host: listen ?? (publicUrl.protocol === 'https:' ? LOOPBACK : EVERYWHERE),
});
