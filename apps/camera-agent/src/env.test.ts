import { expect, it } from 'vitest';
import { readEnv } from './env.ts';

it('reads what the supervisor sets and fills in the rest', () => {
  const env = readEnv({
    SAFACE_CONTROL_URL: 'http://localhost:3000/',
    SAFACE_CAMERA_NAME: 'Main door / left',
    SAFACE_HOME: '/var/saface',
    SAFACE_CAMERA_TOKEN: '',
    SAFACE_THREADS: '2',
  });
  expect(env).toMatchObject({
    controlUrl: 'http://localhost:3000',
    token: undefined,
    directory: '/var/saface/cameras/Main-door-left',
    simulatorDirectory: '/var/saface/simulator',
    port: 0,
    threads: 2,
  });
});

it('names every variable that is wrong', () => {
  expect(() => readEnv({ SAFACE_CONTROL_URL: 'ftp://x', SAFACE_THREADS: 'many' })).toThrow(
    /SAFACE_CONTROL_URL[\s\S]*SAFACE_THREADS|SAFACE_THREADS[\s\S]*SAFACE_CONTROL_URL/,
  );
  expect(() => readEnv({})).toThrow(/SAFACE_CONTROL_URL/);
});
