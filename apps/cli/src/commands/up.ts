import type { Command } from 'commander';
import { env } from '../env.ts';
import { progress } from '../output.ts';
import { controlAddress } from '../stack/agents.ts';
import { untilInterrupted } from '../stack/interrupt.ts';
import { EVERYWHERE, Stack } from '../stack/stack.ts';
import { enrolmentToken } from '../world/tokens.ts';

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('run the control plane and an edge on this machine until Ctrl-C')
    .option('--url <address>', 'how browsers and agents on other machines reach it; without it only this machine does')
    .option('--listen <ip>', 'with --url: address of this machine to listen at; 127.0.0.1 behind a proxy', EVERYWHERE)
    .action(async ({ url, listen }: { url?: string; listen: string }) => {
      const { seedInstallation } = await import('../world/seed.ts');
      const reached = url === undefined ? {} : { publicUrl: new URL(controlAddress(url)), host: listen };
      const stack = await Stack.open({ home: env.home, onEvent: progress, ...reached });
      await untilInterrupted(stack, async () => {
        const edge = { name: 'This machine', token: enrolmentToken(stack.secrets, 'edge') };
        const people = await seedInstallation(stack, edge);
        await stack.startControlPlane();
        await stack.startEdge(edge);
        progress(
          `\nSaFace runs at ${stack.url}\n  sign in as ${people.admin.email} with ${people.admin.password}\n  Ctrl-C stops it.`,
        );
      });
    });
}
