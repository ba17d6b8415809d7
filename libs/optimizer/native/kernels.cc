// The sums and update rules of assembly/ on vectors of 256 bits, with the same
// bits: float32 arithmetic, rounded after every operation in the order that is
// written here (set-up compiles with -ffp-contract=off). They work on arrays
// where they are, which the WebAssembly cannot: it has to copy what is not in
// its own memory. The module has an object of functions, `avx2`, where this
// processor can run them.
#include <immintrin.h>
#include <math.h>

#include <initializer_list>

#include "arguments.h"

namespace {

#pragma GCC push_options
#pragma GCC target("avx2")

// The mean gradient `sum / count`. Division is the dearest operation; by a
// power of two, the product with the inverse is the same number.
template <bool kIsPower>
struct Mean {
  explicit Mean(float count) : by(kIsPower ? 1 / count : count) {}
  float operator()(float sum) const { return kIsPower ? sum * by : sum / by; }
  float by;
};

void Add(float* target, const float* source, size_t length) {
  for (size_t i = 0; i < length; i++) target[i] = target[i] + source[i];
}

// In float64: the square of element i goes to lane i mod 4, and the result is
// (lane0 + lane1) + (lane2 + lane3).
double SquaredNorm(const float* vector, size_t length) {
  __m256d lanes = _mm256_setzero_pd();
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    const __m256d x = _mm256_cvtps_pd(_mm_loadu_ps(vector + i));
    lanes = _mm256_add_pd(lanes, _mm256_mul_pd(x, x));
  }
  double lane[4];
  _mm256_storeu_pd(lane, lanes);
  for (int j = 0; i < length; i++, j++) {
    const double x = vector[i];
    lane[j] = lane[j] + x * x;
  }
  return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

// Kingma and Ba 2015, the bias corrections folded into rate and epsilon.
struct Adam {
  float beta1, complement1, beta2, complement2, rate, epsilon;

  template <bool kIsPower>
  void Run(float* w, float* m, float* v, const float* sum, size_t length,
           Mean<kIsPower> mean) const {
    for (size_t i = 0; i < length; i++) {
      const float g = mean(sum[i]);
      m[i] = (beta1 * m[i]) + (complement1 * g);
      v[i] = (beta2 * v[i]) + (complement2 * (g * g));
      w[i] = w[i] - (rate * m[i]) / (sqrtf(v[i]) + epsilon);
    }
  }
};

struct Sgd {
  float rate;

  template <bool kIsPower>
  void Run(float* w, const float* sum, size_t length,
           Mean<kIsPower> mean) const {
    for (size_t i = 0; i < length; i++) w[i] = w[i] - rate * mean(sum[i]);
  }
};

// Polyak's momentum, and Nesterov's, which looks a step ahead.
template <bool kIsNesterov>
struct Momentum {
  float mu, rate;

  template <bool kIsPower>
  void Run(float* w, float* velocity, const float* sum, size_t length,
           Mean<kIsPower> mean) const {
    for (size_t i = 0; i < length; i++) {
      const float g = mean(sum[i]);
      const float next = (mu * velocity[i]) + g;
      velocity[i] = next;
      w[i] = w[i] - rate * (kIsNesterov ? g + (mu * next) : next);
    }
  }
};

#pragma GCC pop_options

// addInto(target, source)
napi_value AddInto(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "addInto");
  size_t length = 0;
  float* const target = given.AnyFloats(&length);
  const float* const source = given.Floats(length);
  if (!given.is_wrong()) Add(target, source, length);
  return nullptr;
}

// squaredNorm(vector)
napi_value NormOf(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "squaredNorm");
  size_t length = 0;
  const float* const vector = given.AnyFloats(&length);
  if (given.is_wrong()) return nullptr;
  napi_value result;
  napi_create_double(env, SquaredNorm(vector, length), &result);
  return result;
}

// Reads what every rule takes last, the sum over `count` examples, and runs it
// on `changed`: the parameters and the rule's state.
template <typename Rule, typename... Arrays>
napi_value Update(Arguments& given, size_t length, const Rule& rule,
                  Arrays... changed) {
  const float* const sum = given.Floats(length);
  const size_t count = given.Whole(1, 1 << 24);
  if (given.is_wrong()) return nullptr;
  const float divisor = static_cast<float>(count);
  if ((count & (count - 1)) == 0) {
    rule.Run(changed..., sum, length, Mean<true>(divisor));
  } else {
    rule.Run(changed..., sum, length, Mean<false>(divisor));
  }
  return nullptr;
}

// adam(beta1, complement1, beta2, complement2, rate, epsilon, w, m, v, sum,
// count)
napi_value UpdateByAdam(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "adam");
  Adam rule;
  for (float* scalar : {&rule.beta1, &rule.complement1, &rule.beta2,
                        &rule.complement2, &rule.rate, &rule.epsilon}) {
    *scalar = given.Float();
  }
  size_t length = 0;
  float* const w = given.AnyFloats(&length);
  float* const m = given.Floats(length);
  float* const v = given.Floats(length);
  return Update(given, length, rule, w, m, v);
}

// sgd(rate, w, sum, count)
napi_value UpdateBySgd(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "sgd");
  const Sgd rule = {given.Float()};
  size_t length = 0;
  float* const w = given.AnyFloats(&length);
  return Update(given, length, rule, w);
}

// momentum(mu, rate, w, velocity, sum, count), and nesterov
template <bool kIsNesterov>
napi_value UpdateByMomentum(napi_env env, napi_callback_info info) {
  Arguments given(env, info, kIsNesterov ? "nesterov" : "momentum");
  const float mu = given.Float();
  const Momentum<kIsNesterov> rule = {mu, given.Float()};
  size_t length = 0;
  float* const w = given.AnyFloats(&length);
  float* const velocity = given.Floats(length);
  return Update(given, length, rule, w, velocity);
}

}  // namespace

NAPI_MODULE_INIT() {
  if (!__builtin_cpu_supports("avx2")) return exports;
  napi_value object;
  const bool is_made =
      napi_create_object(env, &object) == napi_ok &&
      SetFunction(env, object, "addInto", AddInto) &&
      SetFunction(env, object, "squaredNorm", NormOf) &&
      SetFunction(env, object, "adam", UpdateByAdam) &&
      SetFunction(env, object, "sgd", UpdateBySgd) &&
      SetFunction(env, object, "momentum", UpdateByMomentum<false>) &&
      SetFunction(env, object, "nesterov", UpdateByMomentum<true>) &&
      napi_set_named_property(env, exports, "avx2", object) == napi_ok;
  return is_made ? exports : nullptr;
}
