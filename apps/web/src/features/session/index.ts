export { SessionProvider, type SessionUser, useMay, useSession } from './session-context.tsx';
