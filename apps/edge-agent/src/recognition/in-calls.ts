/**
 * Rows that a network makes of `count` inputs, asked for in calls of at most `most`: one frame can hold hundreds of faces, and
 * the network blocks this thread while it runs.
 * @param call makes the rows of inputs `from` (included) to `to` (not)
 */
export async function inCalls(
  count: number,
  most: number,
  call: (from: number, to: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  if (count === 0) return new Float32Array(0);
  if (count <= most) return call(0, count);
  let all = new Float32Array(0);
  for (let from = 0; from < count; from += most) {
    const to = Math.min(count, from + most);
    const rows = await call(from, to);
    // How long a row is, the first call tells.
    if (from === 0) all = new Float32Array((rows.length / to) * count);
    all.set(rows, (all.length / count) * from);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return all;
}
