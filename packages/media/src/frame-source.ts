import { stat } from 'node:fs/promises';
import { type FrameSource, withoutCredentials } from '@saface/core';
import { readPictureFolder } from './picture-folder.ts';
import { type ReadVideoOptions, readVideo } from './video-reader.ts';

/** Anything that can be named and watched: a video file, a stream's URL, `/dev/videoN`, or a folder of pictures. */
export function createFrameSource(source: string, options: Omit<ReadVideoOptions, 'signal'> = {}): FrameSource {
  return {
    name: withoutCredentials(source),
    async *frames(signal) {
      const isFolder = await stat(source).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (isFolder)
        yield* readPictureFolder(source, {
          ...(options.maxFrames !== undefined && { maxFrames: options.maxFrames }),
          signal,
        });
      else yield* readVideo(source, { ...options, signal });
    },
  };
}
