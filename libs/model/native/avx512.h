// Sixteen lanes: AVX-512 (F, BW, DQ, VL).
constexpr size_t kLanes = 16;
using Vector = __m512;

// Filters of a block: sixteen, or the last four, eight or twelve.
struct Part {
  explicit Part(size_t left)
      : mask(left >= kLanes ? 0xffff
                            : static_cast<__mmask16>((1u << left) - 1)) {}
  __mmask16 mask;
};

inline Vector Zero() { return _mm512_setzero_ps(); }
inline Vector Splat(const float* at) { return _mm512_set1_ps(*at); }
inline Vector Add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
inline Vector Multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }

inline Vector Load(const float* from, const Part& part) {
  return _mm512_maskz_loadu_ps(part.mask, from);
}

inline void Store(float* to, Vector values, const Part& part) {
  _mm512_mask_storeu_ps(to, part.mask, values);
}

// `a < b ? b : a`, so the first of equal ones.
inline Vector Greater(Vector a, Vector b) { return _mm512_max_ps(b, a); }

inline __mmask16 Above(Vector a, Vector b) {
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
}

// 0 to 3 in each lane: which of the four sums is the greatest.
inline __m512i PhasesOf(const Vector sums[4], Vector upper, Vector lower) {
  const __m512i in_upper =
      _mm512_maskz_set1_epi32(Above(sums[1], sums[0]), 1);
  const __m512i in_lower = _mm512_mask_set1_epi32(
      _mm512_set1_epi32(2), Above(sums[3], sums[2]), 3);
  return _mm512_mask_mov_epi32(in_upper, Above(lower, upper), in_lower);
}

inline void StorePhases(uint8_t* to, __m512i phases, const Part& part) {
  _mm_mask_storeu_epi8(to, part.mask, _mm512_cvtepi32_epi8(phases));
}

// The 4x4 pixels of a window, as each filter's phase looks at them.
struct Window {
  Window(const float* pixels, size_t columns, const uint8_t* phases,
         const Part& part) {
    pixels_ = _mm512_castps128_ps512(_mm_loadu_ps(pixels));
    pixels_ = _mm512_insertf32x4(pixels_, _mm_loadu_ps(pixels + columns), 1);
    pixels_ =
        _mm512_insertf32x4(pixels_, _mm_loadu_ps(pixels + 2 * columns), 2);
    pixels_ =
        _mm512_insertf32x4(pixels_, _mm_loadu_ps(pixels + 3 * columns), 3);
    const __m512i phase =
        _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(part.mask, phases));
    // phases 0, 1, 2, 3 begin at pixels 0, 1, 4, 5
    const __m512i below = _mm512_and_si512(phase, _mm512_set1_epi32(2));
    first_ = _mm512_add_epi32(phase, below);
  }

  // The pixel under this tap, by lane.
  Vector PixelsOf(int tap) const {
    const __m512i step = _mm512_set1_epi32(4 * (tap / 3) + tap % 3);
    return _mm512_permutexvar_ps(_mm512_add_epi32(first_, step), pixels_);
  }

 private:
  __m512 pixels_;
  __m512i first_;
};
