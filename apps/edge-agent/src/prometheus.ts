import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What /metrics tells, names in base units. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const perCamera = { labelNames: ['camera'], registers } as const;
  return {
    registry,
    frames: new Counter({ name: 'saface_edge_frames_total', help: 'Frames received from cameras', ...perCamera }),
    framesDropped: new Counter({
      name: 'saface_edge_camera_frames_dropped_total',
      help: 'Frames that cameras dropped',
      ...perCamera,
    }),
    facesFound: new Counter({ name: 'saface_edge_faces_found_total', help: 'Faces found by cameras', ...perCamera }),
    probes: new Counter({ name: 'saface_edge_probes_total', help: 'Probes recognised', ...perCamera }),
    latency: new Histogram({
      name: 'saface_edge_decision_latency_seconds',
      help: 'Capture to decision',
      buckets: [0.02, 0.04, 0.06, 0.09, 0.12, 0.2, 0.4, 0.8, 1.6, 5],
      ...perCamera,
    }),
    decisions: new Counter({
      name: 'saface_edge_decisions_total',
      help: 'Decisions on tracks that were new or changed',
      labelNames: ['decision'],
      registers,
    }),
    cameras: new Gauge({ name: 'saface_edge_cameras_connected', help: 'Cameras connected now', registers }),
    queueDepth: new Gauge({ name: 'saface_edge_queue_probes', help: 'Probes waiting for the network', registers }),
    outboxDepth: new Gauge({
      name: 'saface_edge_outbox_items',
      help: 'Items waiting for the control plane',
      registers,
    }),
    load: new Gauge({ name: 'saface_edge_load_ratio', help: 'sum NP_i / N_E of Eq. 2', registers }),
    batch: new Gauge({ name: 'saface_edge_training_batch_triplets', help: 'B_t of Eq. 2', registers }),
    trainingSteps: new Counter({ name: 'saface_edge_training_steps_total', help: 'Weight updates', registers }),
    problems: new Gauge({ name: 'saface_edge_problems', help: 'Problems reported to the control plane', registers }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
