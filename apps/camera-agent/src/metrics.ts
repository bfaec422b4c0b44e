import { cameraStateSchema } from '@saface/core';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { CameraAgent } from './camera-agent.ts';

/** What Prometheus sees; read from the agent at each scrape. */
export function createMetrics(agent: Pick<CameraAgent, 'stats'>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'saface_camera_' });
  const registers = [registry];
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `saface_camera_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const level = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `saface_camera_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  total('frames_read', 'Frames taken from the source at the sample rate', () => agent.stats.framesRead);
  total('frames_dropped', 'Frames dropped because detection was slower', () => agent.stats.framesDropped);
  total('faces_found', 'Faces found', () => agent.stats.facesFound);
  total('faces_sent', 'Probes handed to the uplink', () => agent.stats.facesSent);
  total('messages_dropped', 'Frame messages the ring buffer had to drop', () => agent.stats.link?.dropped ?? 0);
  level('edge_connected', '1 while connected to the edge', () => (agent.stats.link?.connected ? 1 : 0));
  level('buffered_bytes', 'Bytes waiting for the edge', () => agent.stats.link?.bytes ?? 0);
  level('buffered_messages', 'Frame messages waiting for the edge', () => agent.stats.link?.frames ?? 0);
  new Gauge({
    name: 'saface_camera_state',
    help: 'State of the source, 1 for the current one',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of cameraStateSchema.options) this.set({ state }, agent.stats.state === state ? 1 : 0);
    },
  });
  return registry;
}
