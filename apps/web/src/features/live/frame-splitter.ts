import { SafaceError } from '@saface/core/errors';

/** A live picture of a camera is well below this; a longer one means that the stream is out of step. */
const MAX_MESSAGE_BYTES = 16 << 20;

/**
 * Cuts the body of GET /api/live/<cameraId> back into messages: uint32 LE length, then that many bytes, over and over, in
 * chunks that know nothing of it.
 */
export class FrameSplitter {
  private buffer = new Uint8Array(0);

  /** Complete messages in order; what is incomplete waits for the next chunk. Throws `invalid-input` on a senseless length. */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.buffer.length + chunk.length);
    bytes.set(this.buffer);
    bytes.set(chunk, this.buffer.length);
    const view = new DataView(bytes.buffer);
    const messages: Uint8Array[] = [];
    let offset = 0;
    while (offset + 4 <= bytes.length) {
      const length = view.getUint32(offset, true);
      if (length > MAX_MESSAGE_BYTES) {
        throw new SafaceError('invalid-input', `A live picture of ${length} bytes`, 'Reload the page.');
      }
      if (offset + 4 + length > bytes.length) break;
      // An empty message says that the stream lives while the camera has nothing to show.
      if (length > 0) messages.push(bytes.subarray(offset + 4, offset + 4 + length));
      offset += 4 + length;
    }
    this.buffer = bytes.slice(offset);
    return messages;
  }
}
