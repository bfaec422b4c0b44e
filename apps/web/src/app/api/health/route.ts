/** Whether the process answers at all; see /api/ready for what it depends on. */
export const dynamic = 'force-dynamic';
export const GET = () => Response.json({ ok: true });
