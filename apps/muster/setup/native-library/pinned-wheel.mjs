// The Python wheel that libtensorflow is taken from, and the SHA-256 of it and
// of each file used of it. A table, not code: change all of it together.
// @ts-check

/** The wheel on the Python package index. */
export const WHEEL = Object.freeze({
  project: 'tensorflow-cpu',
  version: '2.12.1',
  pythonVersion: '3.11',
  abi: 'cp311',
  platform: 'manylinux2014_x86_64',
  file: 'tensorflow_cpu-2.12.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  bytes: 231_826_663,
  sha256: '7ffb595707a8fb376deaddc768784c7a0242b16cbc6e06393b1733b2ce19f855',
});

/** The shared libraries, by their path in the wheel. */
export const LIBRARIES = Object.freeze({
  'tensorflow/libtensorflow_cc.so.2':
    'bb9d6a7c1ea5f7bd1b91db36272d281515d8b3f8a7f40d7233eb39a9d98a4c5b',
  'tensorflow/libtensorflow_framework.so.2':
    '6313068adb101b8805221c224fdfe66b3a10bc9d044139aa1c7ea305b8b9f0b4',
});

/** The headers that tfjs-node's addon includes, by their path in the wheel. */
export const HEADERS = Object.freeze({
  'tensorflow/include/tensorflow/c/c_api.h':
    '5a58590e2915bb215ff4f978af41e7ddd58097df75587f1f8e87b034ae872309',
  'tensorflow/include/tensorflow/c/c_api_macros.h':
    'a7e1f6c26e57b7d245b7cfe4310864e567ed82fc442725870110d93d378f5716',
  'tensorflow/include/tensorflow/c/eager/c_api.h':
    'd9be6bba582912371f9f5c5e580063bb97353bcbbf9f4082b3e7013f3ab9e6ea',
  'tensorflow/include/tensorflow/c/tf_attrtype.h':
    '01bf629a52b523c070864ce11d31d33aa33fc2eb559552feb986fc90f512ef0e',
  'tensorflow/include/tensorflow/c/tf_buffer.h':
    '0014978fcc02033ea29594157d95847c72802d4956beea42461b8c76b9c0cec6',
  'tensorflow/include/tensorflow/c/tf_datatype.h':
    '49218a8b33513f6aec598c9d53fb86f55814903d486149d9c9437bfb772fa7ff',
  'tensorflow/include/tensorflow/c/tf_status.h':
    '258beb5abd7ccb6d7be3293da462dd1882e28259cf715b393d3b076ac61df3c9',
  'tensorflow/include/tensorflow/c/tf_tensor.h':
    '030c15b30579cb3afb45fcbc1a3f1eae6fac5d42a159166615da3e9d21a26e34',
  'tensorflow/include/tensorflow/c/tf_tstring.h':
    '657a858882691dbfb308b1abbea2d3f922ab58ccfc1706e2166286d3a531eec0',
  'tensorflow/include/tensorflow/core/platform/ctstring.h':
    'e028b9d1cc589b4860bb498b4157f32a77738076f578fd5a8a6bc005608296db',
  'tensorflow/include/tensorflow/core/platform/ctstring_internal.h':
    'f18531682631c61b4b91869a2f5b4a2c5278192a967274de87d59cfd6a97e218',
  'tensorflow/include/tensorflow/tsl/c/tsl_status.h':
    '44b390df6f1f958379f9521c00ca313149988575bd0e01f265b9a9f25636e7ca',
  'tensorflow/include/tensorflow/tsl/platform/ctstring.h':
    '30abd9cbcd551535392eaf7c28c5015656677a3184ddc1f951f78fcb85d7e034',
  'tensorflow/include/tensorflow/tsl/platform/ctstring_internal.h':
    'a3932165371cd128b101fb2b8274fdb0f36b8e7461c16d18fb0a8d891e3b04e0',
});
