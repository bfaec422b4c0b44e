import type { HairStyle, Person } from './person.ts';

/** What a face does, as opposed to what it is. */
export interface Expression {
  /** 0 open .. 1 shut. */
  readonly blink: number;
  /** -0.5 down .. 1 wide smile. */
  readonly smile: number;
  /** Where the eyes look, radians from straight ahead, right and up in the picture. */
  readonly gazeX: number;
  readonly gazeY: number;
}

export const neutral: Expression = { blink: 0, smile: 0, gazeX: 0, gazeY: 0 };

/**
 * One head ready to be marched: everything that does not depend on the point, worked out once. Head coordinates: x to the
 * right of a picture of the face, y up, z towards the viewer; the origin lies between the ears.
 */
export interface HeadShape {
  readonly person: Person;
  /** Radius of the capsule around head, hair and neck, see `headDistance`. */
  readonly boundRadius: number;
  readonly skullW: number;
  readonly skullH: number;
  readonly skullD: number;
  readonly jawW: number;
  readonly jawY: number;
  readonly chinSize: number;
  readonly chinY: number;
  readonly chinZ: number;
  readonly cheekSize: number;
  readonly cheekY: number;
  readonly ridgeY: number;
  readonly ridgeR: number;
  readonly eyeX: number;
  readonly eyeY: number;
  readonly eyeR: number;
  readonly eyeTilt: number;
  /** Half height of the eye's opening at its middle. */
  readonly eyeGap: number;
  readonly noseTopY: number;
  readonly noseTipY: number;
  readonly noseZ: number;
  readonly noseBridge: number;
  readonly noseTip: number;
  readonly noseWingX: number;
  /** Half way down the nose, and how far it goes from there up and down. */
  readonly noseMiddleY: number;
  readonly noseReach: number;
  readonly mouthY: number;
  readonly mouthW: number;
  readonly mouthCornerY: number;
  readonly lip: number;
  readonly earX: number;
  readonly earR: number;
  readonly hairStyle: HairStyle;
  readonly hairW: number;
  readonly hairH: number;
  readonly hairD: number;
  readonly hairLine: number;
  readonly hairSide: number;
  readonly hairNape: number;
  readonly hairSlant: number;
  /** How far the hairline draws back above the temples. */
  readonly hairTemple: number;
  readonly hairTaper: number;
  readonly hairWave: number;
  /** Size of the hair that hangs beside the face; 0 for none. */
  readonly curtainLength: number;
  readonly bun: number;
  readonly glasses: boolean;
  readonly gazeX: number;
  readonly gazeY: number;
}

const curtains: Partial<Record<HairStyle, number>> = { long: 0.95, bob: 0.6 };

export function shapeHead(person: Person, expression: Expression = neutral): HeadShape {
  const p = person;
  const style = p.hairStyle;
  const volume = p.hairVolume;
  const curtainLength = curtains[style] ?? 0;
  const longHair = curtainLength > 0;
  return {
    person,
    boundRadius:
      Math.max(p.skullWidth + 0.2, p.skullDepth + 0.16, 0.86 + p.noseForward + p.noseTip) +
      volume * 0.9 +
      (style === 'bun' ? 0.22 : 0),
    skullW: p.skullWidth,
    skullH: p.skullHeight * 0.82,
    skullD: p.skullDepth,
    jawW: p.jawWidth + 0.1,
    jawY: p.jawY * 0.5,
    chinSize: p.chinSize,
    chinY: p.chinY,
    chinZ: p.chinForward,
    cheekSize: p.cheekSize + Math.max(0, expression.smile) * 0.012,
    cheekY: p.cheekY + Math.max(0, expression.smile) * 0.02,
    ridgeY: p.browY - 0.02,
    ridgeR: 0.05 + p.browRidge * 0.4,
    eyeX: p.eyeX,
    eyeY: p.eyeY,
    eyeR: p.eyeRadius,
    eyeTilt: p.eyeTilt,
    eyeGap: p.eyeRadius * p.eyeOpen * 0.75 * (1 - expression.blink) * (1 - Math.max(0, expression.smile) * 0.12),
    noseTopY: p.eyeY + 0.05,
    noseTipY: p.eyeY - p.noseLength,
    noseZ: 0.74 + p.noseForward,
    noseBridge: p.noseBridge,
    noseTip: p.noseTip,
    noseWingX: p.noseWidth,
    noseMiddleY: p.eyeY + (0.05 - p.noseLength) / 2,
    noseReach: (0.05 + p.noseLength) / 2 + Math.max(p.noseBridge, p.noseTip, 0.075),
    mouthY: p.mouthY,
    mouthW: p.mouthWidth * (1 + expression.smile * 0.18),
    mouthCornerY: p.mouthY + expression.smile * 0.045,
    lip: p.lipThickness,
    earX: p.skullWidth + 0.02,
    earR: p.earSize,
    hairStyle: style,
    hairW: p.skullWidth + volume,
    hairH: p.skullHeight * 0.82 + volume * 1.1,
    hairD: p.skullDepth + volume * 0.9,
    hairLine: p.hairLine,
    hairSide: longHair ? -0.5 : style === 'crop' || style === 'receding' ? 0.02 : -0.08,
    hairNape: longHair ? -1.1 : -0.5,
    hairSlant: style === 'parted' ? 0.16 : style === 'long' ? 0.05 : 0,
    hairTemple: style === 'fringe' ? -0.06 : style === 'receding' ? 0.16 : 0.06,
    hairTaper: style === 'fringe' ? 0 : volume * 0.62,
    hairWave: style === 'curly' ? 0.055 : 0.012,
    curtainLength,
    bun: style === 'bun' ? 0.24 : 0,
    glasses: p.glasses,
    gazeX: expression.gazeX,
    gazeY: expression.gazeY,
  };
}
