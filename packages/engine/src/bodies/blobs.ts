/** A connected patch of a mask, in mask pixels; `right` and `bottom` are exclusive. */
export interface Blob {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly pixels: number;
}

interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Sets pixels with most of their neighbourhood set and clears the others: specks go, pinholes close. */
export function smoothed({ width, height, data }: Mask): Mask {
  const out = new Uint8Array(data.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      let sum = 0;
      for (let row = at - width; row <= at + width; row += width) sum += data[row - 1]! + data[row]! + data[row + 1]!;
      out[at] = sum >= 5 ? 1 : 0;
    }
  }
  return { width, height, data: out };
}

/** Connected patches of at least `least` pixels, touching by side or corner, from top to bottom. */
export function findBlobs({ width, height, data }: Mask, least: number): Blob[] {
  const seen = new Uint8Array(data.length);
  const blobs: Blob[] = [];
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || seen[start] === 1) continue;
    seen[start] = 1;
    stack.push(start);
    let [left, top, right, bottom, pixels] = [width, height, 0, 0, 0];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      pixels += 1;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (data[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    if (pixels >= least) blobs.push({ left, top, right, bottom, pixels });
  }
  return blobs;
}

/** Blobs one above the other with a small gap are one body whose middle has the colour of what is behind it. */
export function joinedUpright(blobs: readonly Blob[], largestGap: number): Blob[] {
  const open = [...blobs];
  for (let i = 0; i < open.length; i++) {
    for (let j = i + 1; j < open.length; j++) {
      const [a, b] = [open[i]!, open[j]!];
      const overlap = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const narrower = Math.min(a.right - a.left, b.right - b.left);
      const gap = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
      const height = Math.max(a.bottom, b.bottom) - Math.min(a.top, b.top);
      if (overlap < 0.5 * narrower || gap > largestGap * height) continue;
      open[i] = {
        left: Math.min(a.left, b.left),
        top: Math.min(a.top, b.top),
        right: Math.max(a.right, b.right),
        bottom: Math.max(a.bottom, b.bottom),
        pixels: a.pixels + b.pixels,
      };
      open.splice(j, 1);
      // The joined blob may reach others that were looked at before.
      j = i;
    }
  }
  return open;
}
