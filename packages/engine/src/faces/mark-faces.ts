import type { DetectedFace, FaceLandmarker, LandmarkedFace, RgbImage } from '@saface/core';

/** Landmarks of every face, in the order given: the detector's own where it found some, else the landmark net's. */
export async function markFaces(
  image: RgbImage,
  faces: readonly DetectedFace[],
  landmarker: FaceLandmarker,
): Promise<LandmarkedFace[]> {
  const unmarked = faces.filter(({ landmarks }) => landmarks === undefined);
  const found = (unmarked.length > 0 ? await landmarker.landmark(image, unmarked) : []).values();
  return faces.flatMap((face) =>
    face.landmarks ? { ...face, landmarks: face.landmarks } : (found.next().value ?? []),
  );
}
