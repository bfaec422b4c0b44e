import type { Command } from 'commander';
import { env } from '../env.ts';
import { progress } from '../output.ts';
import { untilInterrupted } from '../stack/interrupt.ts';
import { Stack } from '../stack/stack.ts';
import { enrolmentToken } from '../world/tokens.ts';

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('run the control plane and an edge on this machine until Ctrl-C')
    .action(async () => {
      const { seedInstallation } = await import('../world/seed.ts');
      const stack = await Stack.open({ home: env.home, onEvent: progress });
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
