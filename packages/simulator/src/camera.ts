/**
 * A fixed pinhole camera. World coordinates in metres: x to the right of the picture, y up from the floor, z away from the
 * camera along the floor; the camera stands above the origin.
 */
export interface CameraSpec {
  readonly width: number;
  readonly height: number;
  /** Metres above the floor. */
  readonly elevation: number;
  /** Radians below the horizon. */
  readonly tilt: number;
  /** Focal length in pixels. */
  readonly focal: number;
}

export interface Projected {
  readonly x: number;
  readonly y: number;
  /** Pixels a metre at this place. */
  readonly scale: number;
  /** Metres from the camera along its axis; not positive behind it. */
  readonly depth: number;
}

/** Where a point of the world appears in the picture. */
export function project(camera: CameraSpec, x: number, y: number, z: number): Projected {
  const cos = Math.cos(camera.tilt);
  const sin = Math.sin(camera.tilt);
  const up = y - camera.elevation;
  const depth = z * cos - up * sin;
  const scale = camera.focal / Math.max(depth, 1e-3);
  return { x: camera.width / 2 + x * scale, y: camera.height / 2 - (up * cos + z * sin) * scale, scale, depth };
}

/** Direction of the ray through a pixel, not normalised. */
export function rayThrough(camera: CameraSpec, px: number, py: number): [number, number, number] {
  const cos = Math.cos(camera.tilt);
  const sin = Math.sin(camera.tilt);
  const u = (px - camera.width / 2) / camera.focal;
  const v = (camera.height / 2 - py) / camera.focal;
  return [u, v * cos - sin, v * sin + cos];
}

/** How the camera is seen from a point: to which side (radians, positive to the right of the picture) and from how high. */
export function bearingToCamera(
  camera: CameraSpec,
  x: number,
  y: number,
  z: number,
): { azimuth: number; elevation: number; distance: number } {
  const flat = Math.hypot(x, z);
  const rise = camera.elevation - y;
  return { azimuth: Math.atan2(-x, z), elevation: Math.atan2(rise, flat), distance: Math.hypot(flat, rise) };
}

/** A world direction in the view coordinates of a head seen at this bearing: x right, y up, z towards the camera. */
export function worldToView(
  bearing: { azimuth: number; elevation: number },
  direction: readonly [number, number, number],
): [number, number, number] {
  const [x, y, z] = direction;
  const ca = Math.cos(bearing.azimuth);
  const sa = Math.sin(bearing.azimuth);
  const ce = Math.cos(bearing.elevation);
  const se = Math.sin(bearing.elevation);
  const right = x * ca + z * sa;
  const toward = x * sa - z * ca; // horizontal part
  return [right, y * ce - toward * se, toward * ce + y * se];
}
