import { SafaceError } from '@saface/core';
import { eventFilter } from '../../../../server/api/events/event-filter.ts';
import { respond, signedIn } from '../../../../server/http/respond.ts';
import { exportEvents, recordExport } from '../../../../server/services/export-events.ts';

export const GET = (request: Request) =>
  respond(request, async (server) => {
    const ctx = await signedIn(server, request, 'event.export');
    const query = [...new URL(request.url).searchParams].filter(([, value]) => value !== '');
    const filter = eventFilter.safeParse(Object.fromEntries(query));
    if (!filter.success)
      throw new SafaceError('invalid-input', filter.error.issues[0].message, 'Correct the filter and export again.');
    await recordExport(ctx, filter.data);
    return new Response(exportEvents(ctx, filter.data), {
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="events.csv"',
        'cache-control': 'no-store',
      },
    });
  });
