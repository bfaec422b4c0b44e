import { z } from 'zod';

const whole = (what: string) => z.number(`${what} must be a number`).int(`${what} must be a whole number`);

/** What a person chooses of a pre-training; everything else is as the papers have it. */
export const pretrainingSettingsSchema = z.object({
  backbone: z.enum(['sphere-20', 'mobilefacenet', 'iresnet-50']),
  /** Channels of every layer as a share of the paper's. */
  width: z
    .number('the width must be a number')
    .min(0.0625, 'the width must be at least 0.0625')
    .max(1, 'the width must be at most 1'),
  inputSize: whole('the input size')
    .min(32, 'the input size must be at least 32')
    .max(224, 'the input size must be at most 224')
    .multipleOf(16, 'the input size must be a multiple of 16'),
  head: z.enum(['cosface', 'arcface']),
  epochs: whole('the epochs').min(1, 'at least one epoch').max(500, 'at most 500 epochs'),
  batchSize: whole('the batch').min(4, 'the batch must be at least 4').max(512, 'the batch must be at most 512'),
  learningRate: z
    .number('the learning rate must be a number')
    .positive('the learning rate must be above 0')
    .max(10, 'the learning rate must be at most 10'),
});
export type PretrainingSettings = z.infer<typeof pretrainingSettingsSchema>;
