import type { DetectorImportReport } from '@saface/core/models/import-report';
import { Facts } from '../../components/data/facts.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';

/** What the import found in a detector's file, and how it does on the sample pictures. */
export function DetectorReport({ report: { family, landmarks, samples } }: { report: DetectorImportReport }) {
  return (
    <Card>
      <CardHeader title="What was found" description="Tried on sample pictures, beside the built-in detector." />
      <CardContent>
        <Facts
          facts={[
            { term: 'Kind', value: 'Face detector' },
            { term: 'Family', value: family },
            { term: 'Landmarks', value: landmarks ? 'finds them itself' : 'a landmark net finds them' },
            {
              term: 'Sample faces',
              value: `${samples.found} of ${samples.known} that the built-in detector finds${samples.more > 0 ? `, and ${samples.more} more` : ''}`,
            },
          ]}
        />
      </CardContent>
    </Card>
  );
}
