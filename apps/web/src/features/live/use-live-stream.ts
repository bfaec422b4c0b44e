'use client';

import { decodeLiveFrame, type LiveFrame } from '@saface/core/agents/live';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { usePageVisible } from '../../lib/use-page-visible.ts';
import { drawFrame } from './draw-frame.ts';
import { FrameSplitter } from './frame-splitter.ts';

export type StreamState = 'connecting' | 'live' | 'waiting' | 'lost';

interface LiveStream {
  canvas: RefObject<HTMLCanvasElement | null>;
  state: StreamState;
  /** What is known of the newest picture, renewed a few times a second; null while none comes, so that no stale name stays. */
  frame: LiveFrame | null;
}

const LIST_EVERY_MS = 300;
/** Without a picture for so long the camera is said to be silent. */
const SILENT_AFTER_MS = 5000;
const MAX_BACK_OFF_MS = 8000;

/**
 * Shows a camera on a canvas for as long as the component lives and somebody can see it: every stream holds one of the few connections that
 * a browser opens to one host, over all its tabs, and a hidden one would leave none for the pages.
 */
export function useLiveStream(cameraId: string): LiveStream {
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const [state, setState] = useState<StreamState>('connecting');
  const [frame, setFrame] = useState<LiveFrame | null>(null);
  const visible = usePageVisible();

  // External systems: the control plane's endless answer, and the canvas.
  useEffect(() => {
    if (!visible) return;
    const abort = new AbortController();
    let silence: ReturnType<typeof setTimeout> | undefined;
    let shownAt = 0;

    const show = async (bytes: Uint8Array) => {
      const { frame: next, jpeg } = decodeLiveFrame(bytes);
      const picture = await createImageBitmap(new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }));
      const target = canvas.current;
      const context = target?.getContext('2d');
      if (target && context && !abort.signal.aborted) {
        if (target.width !== next.width || target.height !== next.height) {
          target.width = next.width;
          target.height = next.height;
        }
        const scale = target.clientWidth > 0 ? Math.max(next.width / target.clientWidth, 0.5) : 1;
        drawFrame(context, picture, next, scale);
      }
      picture.close();
      if (abort.signal.aborted) return;
      clearTimeout(silence);
      silence = setTimeout(() => {
        setState('waiting');
        setFrame(null);
      }, SILENT_AFTER_MS);
      setState('live');
      if (performance.now() - shownAt > LIST_EVERY_MS) {
        shownAt = performance.now();
        setFrame(next);
      }
    };

    const read = async (onFirst: () => void) => {
      const answer = await fetch(`/api/live/${encodeURIComponent(cameraId)}`, {
        signal: abort.signal,
        cache: 'no-store',
      });
      if (!answer.ok || !answer.body) throw new Error(`The live stream answered ${answer.status}`);
      setState('waiting');
      onFirst();
      const reader = answer.body.getReader();
      const splitter = new FrameSplitter();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const messages = splitter.push(value);
        // Of several that arrived together only the newest is worth decoding.
        const newest = messages[messages.length - 1];
        if (newest) await show(newest);
      }
    };

    const keepReading = async () => {
      let wait = 500;
      while (!abort.signal.aborted) {
        try {
          await read(() => {
            wait = 500;
          });
        } catch {
          // The reason is a lost connection or a restart of the control plane; either way the answer is to try again.
        }
        if (abort.signal.aborted) return;
        clearTimeout(silence);
        setState('lost');
        setFrame(null);
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(wait * 2, MAX_BACK_OFF_MS);
      }
    };
    void keepReading();
    return () => {
      abort.abort();
      clearTimeout(silence);
      setState('connecting');
      setFrame(null);
    };
  }, [cameraId, visible]);

  return { canvas, state, frame };
}
