// A linear 3x3 convolution of pictures with one channel, its 2x2 max pooling,
// and their gradient: what forward-3x3.ts and backward-3x3.ts in assembly/ do,
// with the same bits, on vectors of 256 and 512 bits. Compiled by set-up with
// -ffp-contract=off; where there is no compiler, the WebAssembly does the work.
//
// The module has an object of functions for each width that this processor
// has: `avx512`, `avx2`; and those of products.cc.
#include <immintrin.h>
#include <string.h>

#include "arguments.h"
#include "products.h"

namespace {

// Pictures [count, rows, columns] become [count, down, across, filters].
struct Geometry {
  size_t count, rows, columns, filters, down, across;
  size_t outputs() const { return down * across * filters; }
};

// Beyond the last picture: a window is read by rows of four, of which the
// last taps need two.
constexpr size_t kPadding = 16;

namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2")
#include "avx2.h"
#include "convolution.h"
#pragma GCC pop_options
}  // namespace avx2

namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
#include "avx512.h"
#include "convolution.h"
#pragma GCC pop_options
}  // namespace avx512

struct Variant {
  decltype(&avx2::Forward) forward;
  decltype(&avx2::Backward) backward;
};
const Variant kAvx2 = {avx2::Forward, avx2::Backward};
const Variant kAvx512 = {avx512::Forward, avx512::Backward};

// The first four arguments of both functions. The limits keep every product
// of them far below 2^64.
Geometry ReadGeometry(Arguments& given) {
  Geometry g;
  g.count = given.Whole(1, 1 << 24);
  g.rows = given.Whole(4, 1 << 12);
  g.columns = given.Whole(4, 1 << 12);
  g.filters = 4 * given.Whole(1, 1 << 10);
  g.down = given.is_wrong() ? 0 : (g.rows - 2) / 2;
  g.across = given.is_wrong() ? 0 : (g.columns - 2) / 2;
  return g;
}

// forward(count, rows, columns, filters / 4, pixels, kernel, bias, scaled,
// pooled, phases): writes the last three.
napi_value Forward(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "forward");
  const Geometry g = ReadGeometry(given);
  const size_t size = g.count * g.rows * g.columns;
  const uint8_t* const pixels = given.Bytes(size);
  const float* const kernel = given.Floats(9 * g.filters);
  const float* const bias = given.Floats(g.filters);
  float* const scaled = given.Floats(size + kPadding);
  float* const pooled = given.Floats(g.count * g.outputs());
  uint8_t* const phases = given.Bytes(g.count * g.outputs());
  if (given.is_wrong()) return nullptr;
  given.data<Variant>().forward(g, pixels, kernel, bias, scaled, pooled,
                                phases);
  return nullptr;
}

// backward(count, rows, columns, filters / 4, scaled, gradient, phases,
// kernelGradient, biasGradient): writes the last two.
napi_value Backward(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "backward");
  const Geometry g = ReadGeometry(given);
  const float* const scaled =
      given.Floats(g.count * g.rows * g.columns + kPadding);
  const float* const gradient = given.Floats(g.count * g.outputs());
  const uint8_t* const phases = given.Bytes(g.count * g.outputs());
  float* const kernel_gradient = given.Floats(9 * g.filters);
  float* const bias_gradient = given.Floats(g.filters);
  if (given.is_wrong()) return nullptr;
  given.data<Variant>().backward(g, scaled, gradient, phases, kernel_gradient,
                                 bias_gradient);
  return nullptr;
}

bool SetVariant(napi_env env, napi_value exports, const char* name,
                const Variant& variant) {
  napi_value object;
  return napi_create_object(env, &object) == napi_ok &&
         SetFunction(env, object, "forward", Forward, &variant) &&
         SetFunction(env, object, "backward", Backward, &variant) &&
         napi_set_named_property(env, exports, name, object) == napi_ok;
}

}  // namespace

NAPI_MODULE_INIT() {
  const bool has512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (has512 && !SetVariant(env, exports, "avx512", kAvx512)) return nullptr;
  if (__builtin_cpu_supports("avx2") &&
      !SetVariant(env, exports, "avx2", kAvx2)) {
    return nullptr;
  }
  return SetProducts(env, exports) ? exports : nullptr;
}
