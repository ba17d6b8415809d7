import { startBackend } from './backend.js';
import { describeEveryLayer } from './testing/every-layer.js';
import { describePooledNetwork } from './testing/pooled-laws.js';
import { describeReplica } from './testing/replica-laws.js';

describeReplica(() => startBackend('wasm'));
describePooledNetwork(() => startBackend('wasm'));
describeEveryLayer('wasm', {
  DepthwiseConv2D: 'DepthwiseConv2dNativeBackprop',
  SeparableConv2D: 'DepthwiseConv2dNativeBackprop',
});
