'use client';

import { useQueryClient } from '@tanstack/react-query';
import { PackageOpen } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { z } from 'zod';
import { useTRPC } from '@/lib/trpc/client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { FileDrop } from '../../components/data/file-drop.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { formatBytes } from '../../lib/format.ts';
import { sendForm } from '../../lib/upload.ts';

type Upload = { phase: 'idle' } | { phase: 'sending'; file: File; sent: number } | { phase: 'failed'; error: unknown };

/** Takes the ONNX file of a recogniser or detector by drop or by choice, and goes on to what was found in it. */
export function ModelDrop() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
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
      <FileDrop
        icon={PackageOpen}
        label="Model file"
        invitation="Drop an ONNX file here, or"
        choose="choose one"
        accept=".onnx"
        disabled={upload.phase === 'sending'}
        onFiles={([file]) => void send(file)}
      >
        A face recogniser of up to 300 MiB, such as an ArcFace model for 112 × 112 pixels, or a detector of the YuNet or
        SCRFD family. It is read and tried on sample faces; you confirm what was found before anything uses it.
      </FileDrop>
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
