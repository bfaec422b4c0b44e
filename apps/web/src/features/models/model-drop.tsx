'use client';

import { useQueryClient } from '@tanstack/react-query';
import { PackageOpen } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useId, useRef, useState } from 'react';
import { z } from 'zod';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { cn } from '../../lib/cn.ts';
import { formatBytes } from '../../lib/format.ts';
import { sendForm } from '../../lib/upload.ts';

type Upload = { phase: 'idle' } | { phase: 'sending'; file: File; sent: number } | { phase: 'failed'; error: unknown };

/** Takes the ONNX file of a recogniser by drop or by choice, and goes on to what was found in it. */
export function ModelDrop() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const [over, setOver] = useState(false);
  const [upload, setUpload] = useState<Upload>({ phase: 'idle' });

  const send = async (file: File | undefined) => {
    if (!file || upload.phase === 'sending') return;
    setUpload({ phase: 'sending', file, sent: 0 });
    const body = new FormData();
    body.append('model', file, file.name);
    try {
      const { id } = await sendForm('/api/models/imports', body, {
        answer: z.object({ id: z.string() }),
        onSent: (sent) => setUpload({ phase: 'sending', file, sent }),
        remedy: 'Try again, or bring the file in with “saface models import” on the server.',
      });
      await client.invalidateQueries(trpc.models.pathFilter());
      router.push(`/models/imports/${id}`);
    } catch (error) {
      setUpload({ phase: 'failed', error });
    }
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
          void send(event.dataTransfer.files[0]);
        }}
        className={cn(
          'grid justify-items-center gap-2 rounded-lg border border-dashed border-input/70 px-6 py-7 text-center transition-colors',
          over && 'border-primary bg-primary/8',
        )}
      >
        <PackageOpen className="size-6 text-muted-foreground" strokeWidth={1.5} aria-hidden />
        <p className="text-[13px]">
          Drop an ONNX file here, or{' '}
          <Button
            variant="link"
            className="h-auto p-0 text-[13px] underline"
            disabled={upload.phase === 'sending'}
            onClick={() => input.current?.click()}
          >
            choose one
          </Button>
        </p>
        <p className="max-w-md text-xs text-muted-foreground">
          A face recogniser of up to 300 MiB, such as an ArcFace model for 112 × 112 pixels. It is read and tried on
          sample faces; you confirm what was found before anything uses it.
        </p>
        <label htmlFor={inputId} className="sr-only">
          Model file
        </label>
        <input
          ref={input}
          id={inputId}
          type="file"
          tabIndex={-1}
          accept=".onnx"
          className="sr-only"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            event.target.value = '';
            void send(file);
          }}
        />
      </div>
      <div role="status" className="empty:hidden">
        {upload.phase === 'sending' && (
          <div className="grid gap-1.5 text-[13px]">
            <span className="break-all text-muted-foreground">
              Sending {upload.file.name}: {formatBytes(Math.min(upload.sent, upload.file.size))} of{' '}
              {formatBytes(upload.file.size)}
            </span>
            <Progress value={Math.min(1, upload.sent / Math.max(1, upload.file.size))} label="Upload" />
          </div>
        )}
      </div>
      {upload.phase === 'failed' && <FormError error={upload.error} />}
    </div>
  );
}
