import { IdentityPage } from '../../../../features/identities/index.ts';

export default async function Page({ params }: PageProps<'/identities/[identityId]'>) {
  const { identityId } = await params;
  return <IdentityPage key={identityId} identityId={identityId} />;
}
