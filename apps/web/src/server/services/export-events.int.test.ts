import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { exportEvents, recordExport } from './export-events.ts';

let server: TestServer;
beforeAll(async () => {
  server = await createTestServer(process.env);
});
afterAll(() => server?.close());

it('records who exported which events', async () => {
  const ctx = server.ctx('auditor');
  const query = { decision: 'unknown' as const, cameraId: undefined };
  await recordExport(ctx, query);
  expect(await new Response(exportEvents(ctx, query)).text()).toMatch(/^id,site,camera/);
  const { items } = await server.as('auditor').audit.list({ action: 'event.export', limit: 5 });
  expect(items).toMatchObject([{ actor: 'The auditor', subjectKind: 'event', data: { decision: 'unknown' } }]);
});
