import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SafaceError } from '@saface/core';
import type { Judge, JudgeAnswers, JudgeOrder } from './judge.ts';

/** Milliseconds without work after which the process is let go. */
const IDLE = 90_000;

interface Reply {
  readonly id: number;
  readonly answer?: JudgeAnswers[JudgeOrder['kind']];
  readonly failure?: string;
}

/** The judge in a process of low priority that is started when it is needed and ends when it is not. */
export class JudgeClient {
  #child: ChildProcess | null = null;
  #idle: NodeJS.Timeout | null = null;
  #next = 0;
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();

  readonly judge: Judge = async (order) => {
    const child = this.#running();
    const id = this.#next++;
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      child.send({ id, order }, (error) => {
        if (error) this.#fail(error.message);
      });
    });
    if (reply.failure !== undefined) throw new SafaceError('internal', reply.failure, 'See the log of this edge.');
    return reply.answer as JudgeAnswers[(typeof order)['kind']];
  };

  stop(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#child?.kill('SIGTERM');
    this.#child = null;
    this.#fail('the edge is stopping');
  }

  #running(): ChildProcess {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#child) return this.#child;
    const child = fork(fileURLToPath(new URL('./judge-process.ts', import.meta.url)), {
      execArgv: ['--import', import.meta.resolve('tsx')],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {},
    });
    this.#child = child;
    child.on('message', (message) => this.#take(message as Reply));
    child.once('error', (error) => this.#end(child, error.message));
    child.once('exit', (code, signal) => this.#end(child, `the judge ended (${signal ?? `exit code ${code}`})`));
    return child;
  }

  #take(reply: Reply): void {
    this.#waiting.get(reply.id)?.resolve(reply);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.stop(), IDLE).unref();
  }

  #end(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#fail(how);
  }

  #fail(how: string): void {
    for (const { reject } of this.#waiting.values())
      reject(
        new SafaceError('unavailable', `Versions were not compared: ${how}`, 'It is tried again at the next look.'),
      );
    this.#waiting.clear();
  }
}
