'use client';

import { useQueryClient } from '@tanstack/react-query';
import { ImagePlus } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { cn } from '../../lib/cn.ts';
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
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const [over, setOver] = useState(false);
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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button inside is the first */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void send([...event.dataTransfer.files]);
        }}
        className={cn(
          'grid justify-items-center gap-2 rounded-lg border border-dashed border-input/70 px-6 py-7 text-center transition-colors',
          over && 'border-primary bg-primary/8',
        )}
      >
        <ImagePlus className="size-6 text-muted-foreground" strokeWidth={1.5} aria-hidden />
        <p className="text-[13px]">
          Drop pictures here, or{' '}
          <Button
            variant="link"
            className="h-auto p-0 text-[13px] underline"
            disabled={upload.phase === 'sending'}
            onClick={() => input.current?.click()}
          >
            choose files
          </Button>
        </p>
        <p className="max-w-sm text-xs text-muted-foreground">
          JPEG, PNG or WebP up to 15 MB. One face per picture, at least 80 pixels wide, in good light; three or more
          from different angles work best.
        </p>
        <label htmlFor={inputId} className="sr-only">
          Pictures
        </label>
        <input
          ref={input}
          id={inputId}
          type="file"
          multiple
          tabIndex={-1}
          accept="image/jpeg,image/png,image/webp"
          className="sr-only"
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = '';
            void send(files);
          }}
        />
      </div>
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
