// The border between JavaScript and the native kernels: every argument is
// checked here, so that a kernel never reads or writes beyond an array.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>

// The arguments of one call, read one after the other. The first that is
// wrong throws a JavaScript error; from then on is_wrong() holds, and the
// kernel must not run. Arrays may be views; they are used during the call only.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info, const char* function)
      : env_(env), function_(function) {
    size_t count = kMost;
    if (napi_get_cb_info(env, info, &count, values_, nullptr, &data_) !=
        napi_ok) {
      Fail("the call cannot be read");
    } else if (count > kMost) {
      Fail("too many arguments");
    } else {
      given_ = count;
    }
  }

  bool is_wrong() const { return is_wrong_; }

  // What the function was made with.
  template <typename T>
  const T& data() const {
    return *static_cast<const T*>(data_);
  }

  // A whole number from `least` to `most`.
  size_t Whole(double least, double most) {
    const double value = Number();
    if (is_wrong_) return 0;
    if (!(value >= least && value <= most) ||
        value != static_cast<double>(static_cast<size_t>(value))) {
      return Fail("expected a whole number in range"), 0;
    }
    return static_cast<size_t>(value);
  }

  double Number() {
    double value = 0;
    const napi_value next = Next();
    if (!is_wrong_ && napi_get_value_double(env_, next, &value) != napi_ok) {
      Fail("expected a number");
    }
    return value;
  }

  float Float() { return static_cast<float>(Number()); }

  // A text of fewer than `room` bytes, ended by a 0.
  void Text(char* to, size_t room) {
    size_t length = 0;
    const napi_value next = Next();
    if (is_wrong_) return;
    if (napi_get_value_string_utf8(env_, next, to, room, &length) != napi_ok ||
        length + 1 >= room) {
      Fail("expected a text that is not too long");
    }
  }

  // A Float32Array of exactly `length` elements.
  float* Floats(size_t length) {
    return static_cast<float*>(Array(napi_float32_array, length, "float32"));
  }

  // A Uint8Array of exactly `length` elements.
  uint8_t* Bytes(size_t length) {
    return static_cast<uint8_t*>(Array(napi_uint8_array, length, "uint8"));
  }

  // What an addon has given to JavaScript; T must be the only type that it
  // gives.
  template <typename T>
  T* External() {
    void* found = nullptr;
    const napi_value next = Next();
    if (!is_wrong_ &&
        napi_get_value_external(env_, next, &found) != napi_ok) {
      Fail("expected what this addon has made");
    }
    return static_cast<T*>(found);
  }

  // A Uint8Array of any length, which is written to `length`.
  uint8_t* AnyBytes(size_t* length) {
    return static_cast<uint8_t*>(Typed(napi_uint8_array, "uint8", length));
  }

  // A Float32Array of any length, which is written to `length`.
  float* AnyFloats(size_t* length) {
    return static_cast<float*>(Typed(napi_float32_array, "float32", length));
  }

 private:
  static constexpr size_t kMost = 12;

  void* Array(napi_typedarray_type type, size_t expected, const char* name) {
    size_t length = 0;
    void* const elements = Typed(type, name, &length);
    if (is_wrong_ || length == expected) return elements;
    char text[96];
    snprintf(text, sizeof text, "expected %s [%zu], got [%zu]", name, expected,
             length);
    Fail(text);
    return nullptr;
  }

  void* Typed(napi_typedarray_type type, const char* name, size_t* length) {
    const napi_value value = Next();
    napi_typedarray_type got = napi_int8_array;
    void* elements = nullptr;
    if (is_wrong_) return nullptr;
    if (napi_get_typedarray_info(env_, value, &got, length, &elements, nullptr,
                                 nullptr) == napi_ok &&
        got == type) {
      return elements;
    }
    char text[64];
    snprintf(text, sizeof text, "expected a typed array of %s", name);
    Fail(text);
    return nullptr;
  }

  napi_value Next() {
    if (next_ >= given_ && !is_wrong_) Fail("an argument is missing");
    return is_wrong_ ? nullptr : values_[next_++];
  }

  // `next_` is the argument's number from 1 here, once it has been taken.
  void Fail(const char* what) {
    if (is_wrong_) return;
    is_wrong_ = true;
    char text[192];
    snprintf(text, sizeof text, "native kernel %s, argument %zu: %s", function_,
             next_, what);
    napi_throw_range_error(env_, nullptr, text);
  }

  napi_env env_;
  const char* function_;
  napi_value values_[kMost];
  void* data_ = nullptr;
  size_t given_ = 0;
  size_t next_ = 0;
  bool is_wrong_ = false;
};

// Puts a function on an object, with the data that it is made with.
inline bool SetFunction(napi_env env, napi_value object, const char* name,
                        napi_callback function,
                        const void* data = nullptr) {
  napi_value made;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, function,
                              const_cast<void*>(data), &made) == napi_ok &&
         napi_set_named_property(env, object, name, made) == napi_ok;
}
