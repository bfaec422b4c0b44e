'use client';

import { useQueryClient } from '@tanstack/react-query';
import { ImagePlus } from 'lucide-react';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { FileDrop } from '../../components/data/file-drop.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { plural } from '../../lib/format.ts';
import { type UploadAnswer, uploadPictures } from './upload-pictures.ts';

type Upload =
  | { phase: 'idle' }
  | { phase: 'sending'; files: number; share: number }
  | { phase: 'sent'; answer: UploadAnswer }
  | { phase: 'failed'; error: unknown };

/** Takes many pictures by drop or by choice; what the server refuses is listed by file name with the reason. */
export function PictureDrop({ identityId }: { identityId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [upload, setUpload] = useState<Upload>({ phase: 'idle' });

  const send = async (files: File[]) => {
    if (files.length === 0 || upload.phase === 'sending') return;
    setUpload({ phase: 'sending', files: files.length, share: 0 });
    try {
      const answer = await uploadPictures(identityId, files, (share) =>
        setUpload({ phase: 'sending', files: files.length, share }),
      );
      setUpload({ phase: 'sent', answer });
    } catch (error) {
      setUpload({ phase: 'failed', error });
    }
    await client.invalidateQueries(trpc.identities.pathFilter());
  };

  return (
    <div className="grid gap-3">
      <FileDrop
        icon={ImagePlus}
        label="Pictures"
        invitation="Drop pictures here, or"
        choose="choose files"
        accept="image/jpeg,image/png,image/webp"
        multiple
        disabled={upload.phase === 'sending'}
        onFiles={(files) => void send(files)}
      >
        JPEG, PNG or WebP up to 15 MB. One face per picture, at least 80 pixels wide, in good light; three or more from
        different angles work best.
      </FileDrop>
      <div role="status" className="empty:hidden">
        {upload.phase === 'sending' && (
          <div className="grid gap-1.5 text-[13px]">
            <span className="text-muted-foreground">
              Sending {plural(upload.files, 'picture')}: {Math.round(upload.share * 100)} %
            </span>
            <Progress value={upload.share} label="Upload" />
          </div>
        )}
        {upload.phase === 'sent' && <Outcome answer={upload.answer} />}
      </div>
      {upload.phase === 'failed' && <FormError error={upload.error} />}
    </div>
  );
}

function Outcome({ answer }: { answer: UploadAnswer }) {
  return (
    <div className="grid gap-1.5 text-[13px]">
      <p>
        {plural(answer.accepted.length, 'picture')} received
        {answer.accepted.length > 0 && '; quality is being checked'}
        {answer.refused.length > 0 && `, ${answer.refused.length} refused`}.
      </p>
      {answer.refused.length > 0 && (
        <ul className="grid gap-1 rounded-md border border-danger/30 bg-danger/8 px-3 py-2">
          {answer.refused.map((file) => (
            <li key={file.fileName} className="break-words">
              <b className="font-medium">{file.fileName}</b>: {file.message}
              {file.remedy && <span className="text-muted-foreground"> {file.remedy}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
