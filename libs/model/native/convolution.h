// The loops of kernels.cc, compiled once for each width of vectors by what
// stands in front of the #include: `Vector` has kLanes float32 lanes.
//
// Filters go by blocks of kLanes; the last block of a network whose filters
// are no multiple of that is a `Part`, which loads zeros and stores nothing
// beyond its `filters`, a multiple of 4.

// The order of every sum, here and in the WASM kernels: a phase's sum starts
// with 0 and goes over the taps, kernel row by kernel row. Going over the 4x4
// pixels of a window in their order keeps that order for all four phases, and
// reads each pixel once. Products are rounded before they are added.
void ForwardBlock(const Geometry& g, const float* image, const Part& part,
                  const float* kernel, const float* bias, float* pooled,
                  uint8_t* phases) {
  Vector weights[9];
  for (int tap = 0; tap < 9; tap++) {
    weights[tap] = Load(kernel + tap * g.filters, part);
  }
  const Vector biases = Load(bias, part);
  for (size_t y = 0; y < g.down; y++) {
    const float* pixels = image + 2 * y * g.columns;
    for (size_t x = 0; x < g.across; x++) {
      Vector sums[4] = {Zero(), Zero(), Zero(), Zero()};
#pragma GCC unroll 16
      for (int at = 0; at < 16; at++) {
        const int row = at / 4, column = at % 4;
        const Vector pixel = Splat(pixels + row * g.columns + column);
#pragma GCC unroll 4
        for (int phase = 0; phase < 4; phase++) {
          const int tap_row = row - phase / 2, tap_column = column - phase % 2;
          if (tap_row < 0 || tap_row > 2 || tap_column < 0 || tap_column > 2) {
            continue;
          }
          const Vector product =
              Multiply(pixel, weights[3 * tap_row + tap_column]);
          sums[phase] = Add(sums[phase], product);
        }
      }
      // of equal ones the first, as TensorFlow has it
      const Vector upper = Greater(sums[0], sums[1]);
      const Vector lower = Greater(sums[2], sums[3]);
      StorePhases(phases, PhasesOf(sums, upper, lower), part);
      Store(pooled, Add(Greater(upper, lower), biases), part);
      pixels += 2;
      pooled += g.filters;
      phases += g.filters;
    }
  }
}

// One image's gradients, each tap's sum in the order of the windows, then
// added to what the images before have. Only the phase that a window took has
// a gradient: the zeros of the others would change no bit, since no sum is
// ever -0 (it starts with +0) and pixels are finite.
void BackwardBlock(const Geometry& g, const float* image, const Part& part,
                   const float* gradient, const uint8_t* phases,
                   float* kernel_gradient, float* bias_gradient) {
  Vector sums[9];
  for (Vector& sum : sums) sum = Zero();
  Vector bias_sum = Zero();
  for (size_t y = 0; y < g.down; y++) {
    const float* pixels = image + 2 * y * g.columns;
    for (size_t x = 0; x < g.across; x++) {
      const Vector slope = Load(gradient, part);
      bias_sum = Add(bias_sum, slope);
      const Window window(pixels, g.columns, phases, part);
#pragma GCC unroll 9
      for (int tap = 0; tap < 9; tap++) {
        sums[tap] = Add(sums[tap], Multiply(window.PixelsOf(tap), slope));
      }
      pixels += 2;
      gradient += g.filters;
      phases += g.filters;
    }
  }
  for (int tap = 0; tap < 9; tap++) {
    float* const into = kernel_gradient + tap * g.filters;
    Store(into, Add(Load(into, part), sums[tap]), part);
  }
  Store(bias_gradient, Add(Load(bias_gradient, part), bias_sum), part);
}

void Forward(const Geometry& g, const uint8_t* pixels, const float* kernel,
             const float* bias, float* scaled, float* pooled,
             uint8_t* phases) {
  const size_t size = g.rows * g.columns, outputs = g.outputs();
  for (size_t n = 0; n < g.count; n++) {
    float* const image = scaled + n * size;
    for (size_t i = 0; i < size; i++) {
      image[i] = static_cast<float>(pixels[n * size + i]) / 255.0f;
    }
    for (size_t f = 0; f < g.filters; f += kLanes) {
      ForwardBlock(g, image, Part(g.filters - f), kernel + f, bias + f,
                   pooled + n * outputs + f, phases + n * outputs + f);
    }
  }
}

void Backward(const Geometry& g, const float* scaled, const float* gradient,
              const uint8_t* phases, float* kernel_gradient,
              float* bias_gradient) {
  const size_t size = g.rows * g.columns, outputs = g.outputs();
  for (size_t i = 0; i < 9 * g.filters; i++) kernel_gradient[i] = 0;
  for (size_t i = 0; i < g.filters; i++) bias_gradient[i] = 0;
  for (size_t n = 0; n < g.count; n++) {
    for (size_t f = 0; f < g.filters; f += kLanes) {
      BackwardBlock(g, scaled + n * size, Part(g.filters - f),
                    gradient + n * outputs + f, phases + n * outputs + f,
                    kernel_gradient + f, bias_gradient + f);
    }
  }
}
