// Eight lanes: AVX2.
constexpr size_t kLanes = 8;
using Vector = __m256;

// Filters of a block: eight, or the last four.
struct Part {
  explicit Part(size_t left) : is_whole(left >= kLanes) {}
  bool is_whole;
};

inline Vector Zero() { return _mm256_setzero_ps(); }
inline Vector Splat(const float* at) { return _mm256_broadcast_ss(at); }
inline Vector Add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
inline Vector Multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }

inline Vector Load(const float* from, const Part& part) {
  if (part.is_whole) return _mm256_loadu_ps(from);
  return _mm256_zextps128_ps256(_mm_loadu_ps(from));
}

inline void Store(float* to, Vector values, const Part& part) {
  if (part.is_whole) return _mm256_storeu_ps(to, values);
  _mm_storeu_ps(to, _mm256_castps256_ps128(values));
}

// `a < b ? b : a`, so the first of equal ones.
inline Vector Greater(Vector a, Vector b) { return _mm256_max_ps(b, a); }

// -1 where a is above b, 0 elsewhere.
inline __m256i Above(Vector a, Vector b) {
  return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GT_OQ));
}

// 0 to 3 in each lane: which of the four sums is the greatest.
inline __m256i PhasesOf(const Vector sums[4], Vector upper, Vector lower) {
  const __m256i in_upper =
      _mm256_sub_epi32(_mm256_setzero_si256(), Above(sums[1], sums[0]));
  const __m256i in_lower =
      _mm256_sub_epi32(_mm256_set1_epi32(2), Above(sums[3], sums[2]));
  return _mm256_blendv_epi8(in_upper, in_lower, Above(lower, upper));
}

inline void StorePhases(uint8_t* to, __m256i phases, const Part& part) {
  const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(phases),
                                         _mm256_extracti128_si256(phases, 1));
  const __m128i bytes = _mm_packus_epi16(words, words);
  if (part.is_whole) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), bytes);
  } else {
    const int four = _mm_cvtsi128_si32(bytes);
    memcpy(to, &four, 4);
  }
}

// The 4x4 pixels of a window, as each filter's phase looks at them.
struct Window {
  Window(const float* pixels, size_t columns, const uint8_t* phases,
         const Part& part)
      : pixels_(pixels), columns_(columns) {
    __m128i bytes;
    if (part.is_whole) {
      bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(phases));
    } else {
      int four;
      memcpy(&four, phases, 4);
      bytes = _mm_cvtsi32_si128(four);
    }
    const __m256i phase = _mm256_cvtepu8_epi32(bytes);
    // phases 0, 1, 2, 3 begin at pixels 0, 1, 4, 5 of two rows of four
    const __m256i below = _mm256_and_si256(phase, _mm256_set1_epi32(2));
    first_ = _mm256_add_epi32(phase, below);
  }

  // The pixel under this tap, by lane.
  Vector PixelsOf(int tap) const {
    const float* const at = pixels_ + (tap / 3) * columns_ + tap % 3;
    const __m256 rows = _mm256_insertf128_ps(
        _mm256_castps128_ps256(_mm_loadu_ps(at)), _mm_loadu_ps(at + columns_),
        1);
    return _mm256_permutevar8x32_ps(rows, first_);
  }

 private:
  const float* pixels_;
  size_t columns_;
  __m256i first_;
};
