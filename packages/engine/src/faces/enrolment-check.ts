import type { AlignmentSpec, Box, FaceDetector, FaceLandmarker, LandmarkedFace, RgbImage } from '@saface/core';
import { alignProbe } from './alignment.ts';
import { type DecodeLimits, decodeImage } from './image.ts';
import { markFaces } from './mark-faces.ts';
import {
  assessFace,
  enrolmentLimits,
  type QualityLimits,
  type QualityMeasures,
  type QualityReason,
} from './quality.ts';
import { detectInStill } from './still-detection.ts';

export type EnrolmentReason = 'no-face' | 'several-faces' | QualityReason;

/** What a person can do about a picture that was refused. */
export const enrolmentRemedies: Readonly<Record<EnrolmentReason, string>> = {
  'no-face': 'Use a picture that shows the face from the front, upright and not too small.',
  'several-faces': 'Cut the picture so that it shows one person only.',
  'too-small': 'Use a picture in which the face is at least 60 pixels wide.',
  blurred: 'Use a sharper picture.',
  'too-dark': 'Use a brighter picture.',
  'turned-away': 'Use a picture in which the person looks towards the camera.',
};

export interface EnrolmentFace {
  readonly box: Box;
  readonly face: LandmarkedFace;
  /** Aligned for the recogniser; what the gallery keeps. */
  readonly crop: RgbImage;
  /** 0..1, the same measure as on camera. */
  readonly quality: number;
  readonly measures: QualityMeasures;
}

export type EnrolmentCheck =
  | ({ readonly ok: true; readonly reason: null; readonly faces: 1 } & EnrolmentFace)
  | {
      readonly ok: false;
      readonly reason: EnrolmentReason;
      readonly remedy: string;
      /** Faces seen. */
      readonly faces: number;
      /** The one face, when it was found but is not good enough. */
      readonly found: EnrolmentFace | null;
    };

export interface EnrolmentTools {
  readonly detector: FaceDetector;
  readonly landmarker: FaceLandmarker;
  readonly alignment: AlignmentSpec;
  readonly limits?: QualityLimits;
  readonly decodeLimits?: DecodeLimits;
}

/** A second face smaller than this share of the largest is a passer-by, not a second subject. */
const BYSTANDER_SHARE = 0.35;

/**
 * Looks at one picture that somebody wants to enrol. Says no with a reason when it would make a poor template.
 * @param name what the person called the file; named in errors
 * @throws SafaceError `invalid-input` when the bytes are no picture that can be read
 */
export async function checkEnrolmentPicture(
  bytes: Uint8Array,
  name: string,
  tools: EnrolmentTools,
): Promise<EnrolmentCheck> {
  return checkEnrolmentImage(await decodeImage(bytes, name, tools.decodeLimits), tools);
}

/** `checkEnrolmentPicture` of a decoded picture. */
export async function checkEnrolmentImage(image: RgbImage, tools: EnrolmentTools): Promise<EnrolmentCheck> {
  const detected = await detectInStill(tools.detector, image);
  const side = ({ box }: { box: Box }) => Math.min(box.width, box.height);
  const largest = Math.max(0, ...detected.map(side));
  const subjects = detected.filter((face) => side(face) >= BYSTANDER_SHARE * largest);
  const refuse = (reason: EnrolmentReason, found: EnrolmentFace | null = null): EnrolmentCheck => ({
    ok: false,
    reason,
    remedy: enrolmentRemedies[reason],
    faces: detected.length,
    found,
  });
  if (subjects.length === 0) return refuse('no-face');
  if (subjects.length > 1) return refuse('several-faces');
  const [face] = await markFaces(image, subjects, tools.landmarker);
  if (face === undefined) return refuse('no-face');
  const crop = alignProbe(image, face, tools.alignment);
  const { quality, measures, reasons } = assessFace(face, crop, tools.limits ?? enrolmentLimits);
  const found: EnrolmentFace = { box: face.box, face, crop, quality, measures };
  const [reason] = reasons;
  return reason === undefined ? { ok: true, reason: null, faces: 1, ...found } : refuse(reason, found);
}
