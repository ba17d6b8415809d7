/** From which value on a figure is orange or red. */
import {
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Threshold } from '@grafana/grafana-foundation-sdk/dashboard';

/** Colours by Grafana's names, ascending by the value they begin at. */
export type Limits = readonly Threshold[];

/** Red from `red` on, orange from `orange` on, green below. */
export function redFrom(red: number, orange?: number): Limits {
  return [
    { value: null, color: 'green' },
    ...(orange === undefined ? [] : [{ value: orange, color: 'orange' }]),
    { value: red, color: 'red' },
  ];
}

/** Red below `orange`, orange from there, green from `green` on. */
export function redBelow(orange: number, green: number): Limits {
  return [
    { value: null, color: 'red' },
    ...(orange === green ? [] : [{ value: orange, color: 'orange' }]),
    { value: green, color: 'green' },
  ];
}

/** What has neither a good nor a bad value of its own. */
export const NEUTRAL: Limits = [{ value: null, color: 'blue' }];

/** As the library wants it. */
export function thresholdsOf(limits: Limits): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([...limits]);
}
