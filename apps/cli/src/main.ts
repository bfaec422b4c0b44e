import { spinThreads } from '@saface/engine';
import { Command } from 'commander';
import { addAgentCommands } from './commands/agents.ts';
import { addBenchCommand } from './commands/bench.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPretrainCommand } from './commands/pretrain.ts';
import { addRunCommand } from './commands/run.ts';
import { addUpCommand } from './commands/up.ts';
import { reportFailure } from './output.ts';

const program = new Command('saface')
  .description('Face recognition that adapts itself to each camera')
  .version('0.1.0')
  .showHelpAfterError();

// A command that computes has the machine to itself; the agents that `up` and `demo` start share it and do not spin.
spinThreads(true);

addUpCommand(program);
addAgentCommands(program);
addDemoCommand(program);
addRunCommand(program);
addEvalCommand(program);
addBenchCommand(program);
addModelsCommand(program);
addDoctorCommand(program);
addPretrainCommand(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportFailure(error);
}
