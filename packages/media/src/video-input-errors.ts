import { stat } from 'node:fs/promises';
import { SafaceError } from '@saface/core';
import { AVERROR_EACCES, AVERROR_EBUSY, AVERROR_ENODEV, AVERROR_ENOENT, FFmpegError } from 'node-av';
import type { VideoInput } from './video-input.ts';

/** Catches what FFmpeg would describe badly or not at all: absent files, folders, empty files. */
export async function checkVideoFile(input: VideoInput): Promise<void> {
  if (input.kind !== 'file') return;
  const found = await stat(input.url).catch(() => null);
  if (found === null) {
    throw new SafaceError('invalid-input', `"${input.label}" does not exist`, 'Check the path of the video.');
  }
  if (found.isDirectory()) {
    throw new SafaceError(
      'invalid-input',
      `"${input.label}" is a folder, not a video`,
      'Name a video file, or read the folder as a sequence of pictures.',
    );
  }
  if (found.isFile() && found.size === 0) {
    throw new SafaceError('invalid-input', `"${input.label}" is empty (0 bytes)`, 'Copy or record the video again.');
  }
}

/** What FFmpeg's refusal to open `input` means to the person who named it. */
export function openingFailed(input: VideoInput, code: number): SafaceError {
  const reason = FFmpegError.strerror(code).trim();
  if (input.kind === 'network') {
    return new SafaceError(
      'unavailable',
      `"${input.label}" does not answer with video (${reason})`,
      'Check address, user name and password, and that the camera is on and reachable from this machine.',
    );
  }
  if (input.kind === 'device') {
    const code_ = code === AVERROR_EBUSY ? 'unavailable' : 'invalid-input';
    const remedy =
      code === AVERROR_EACCES
        ? 'Add the user to the group "video".'
        : code === AVERROR_ENOENT || code === AVERROR_ENODEV
          ? 'Plug the camera in; `ls /dev/video*` lists the devices.'
          : 'Check that no other program uses the camera and that it offers the asked format.';
    return new SafaceError(code_, `"${input.label}" cannot be opened (${reason})`, remedy);
  }
  return new SafaceError(
    'invalid-input',
    `"${input.label}" is not a video that can be read (${reason})`,
    code === AVERROR_EACCES
      ? 'Give this user the right to read the file.'
      : 'The file may be cut off or of another kind; export or copy it again (H.264 in MP4 always works).',
  );
}

export function noVideoInside(input: VideoInput, why: string): SafaceError {
  return new SafaceError('invalid-input', `"${input.label}" ${why}`, 'Choose a file or stream that contains pictures.');
}

/** Thrown after the last frame that could be read. */
export function endedEarly(input: VideoInput, frames: number, detail: string): SafaceError {
  return input.kind === 'file'
    ? new SafaceError(
        'invalid-input',
        `"${input.label}" is cut off after ${frames} frames (${detail})`,
        'The frames read so far were used; copy or record the video again for the rest.',
      )
    : new SafaceError(
        'unavailable',
        `"${input.label}" stopped after ${frames} frames (${detail})`,
        'Check the camera and the network; reading can be tried again.',
      );
}
