import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RtspCamera extends AsyncDisposable {
  readonly url: string;
  /** How often PLAY was asked for. */
  plays(): number;
}

const payloadType = 96;
const ticksPerFrame = 90_000 / 25;

/** An RTSP camera of the simplest kind for tests: H.264 over the RTSP connection (RFC 2326, 10.12); hangs up at the end. */
export async function startRtspCamera(annexB: Buffer): Promise<RtspCamera> {
  const units = nalUnits(annexB);
  let plays = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        answer(socket, request, url());
        if (!request.startsWith('PLAY')) continue;
        plays += 1;
        for (const packet of rtpPackets(units)) socket.write(packet);
        socket.end();
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = () => `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
  return {
    url: url(),
    plays: () => plays,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function answer(socket: Socket, request: string, url: string): void {
  const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0';
  const method = request.split(' ', 1)[0];
  const headers = ['RTSP/1.0 200 OK', `CSeq: ${sequence}`];
  let body = '';
  if (method === 'OPTIONS') headers.push('Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN');
  if (method === 'SETUP') headers.push('Transport: RTP/AVP/TCP;unicast;interleaved=0-1', 'Session: 1');
  if (method === 'PLAY') headers.push('Session: 1');
  if (method === 'DESCRIBE') {
    body = [
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=test',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=video 0 RTP/AVP ${payloadType}`,
      `a=rtpmap:${payloadType} H264/90000`,
      `a=fmtp:${payloadType} packetization-mode=1`,
      'a=control:track1',
      '',
    ].join('\r\n');
    headers.push(`Content-Base: ${url}/`, 'Content-Type: application/sdp', `Content-Length: ${body.length}`);
  }
  socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
}

/** Units between Annex B start codes (00 00 01, or with one more zero before it). */
function nalUnits(annexB: Buffer): Buffer[] {
  const units: Buffer[] = [];
  const startCode = Buffer.from([0, 0, 1]);
  for (let at = annexB.indexOf(startCode); at >= 0; ) {
    const next = annexB.indexOf(startCode, at + 3);
    let end = next < 0 ? annexB.length : next;
    while (next >= 0 && annexB[end - 1] === 0) end -= 1;
    units.push(annexB.subarray(at + 3, end));
    at = next;
  }
  return units;
}

/** One RTP packet per unit, framed for the RTSP connection; a picture's last unit carries the marker. */
function rtpPackets(units: readonly Buffer[]): Buffer[] {
  let time = 0;
  return units.map((unit, sequence) => {
    const isPicture = [1, 5].includes(unit[0]! & 31);
    const packet = Buffer.alloc(16 + unit.length);
    packet.write('$', 0);
    packet.writeUInt16BE(12 + unit.length, 2);
    packet.writeUInt8(0x80, 4);
    packet.writeUInt8(payloadType | (isPicture ? 0x80 : 0), 5);
    packet.writeUInt16BE(sequence, 6);
    packet.writeUInt32BE(time, 8);
    packet.writeUInt32BE(1, 12);
    unit.copy(packet, 16);
    if (isPicture) time += ticksPerFrame;
    return packet;
  });
}
