import { container } from '../../../../server/container.ts';

const handler = async (request: Request) => (await container()).auth.handler(request);

export { handler as GET, handler as POST };
