// Products of matrices by the library that TensorFlow.js has loaded already:
// its operation BatchMatMulV2 as TensorFlow.js calls it, so the same bits, but
// on arrays where they lie. TensorFlow.js copies each result into an array
// that is made for it, and keeps books of every tensor.
#include "products.h"

#include <dlfcn.h>
#include <string.h>

#include "arguments.h"

namespace {

// The part of TensorFlow's C API (c_api.h, eager/c_api.h) that is used; its
// headers do not come with every way to the library.
struct TF_Status;
struct TF_Tensor;
struct TFE_ContextOptions;
struct TFE_Context;
struct TFE_TensorHandle;
struct TFE_Op;
constexpr int kOk = 0;     // TF_OK
constexpr int kFloat = 1;  // TF_FLOAT

#define FOR_EACH_FUNCTION(F)                                                  \
  F(TF_Status*, TF_NewStatus, ())                                             \
  F(void, TF_DeleteStatus, (TF_Status*))                                      \
  F(int, TF_GetCode, (const TF_Status*))                                      \
  F(const char*, TF_Message, (const TF_Status*))                              \
  F(TF_Tensor*, TF_NewTensor,                                                 \
    (int, const int64_t*, int, void*, size_t, void (*)(void*, size_t, void*), \
     void*))                                                                  \
  F(void, TF_DeleteTensor, (TF_Tensor*))                                      \
  F(void*, TF_TensorData, (const TF_Tensor*))                                 \
  F(size_t, TF_TensorByteSize, (const TF_Tensor*))                            \
  F(TFE_ContextOptions*, TFE_NewContextOptions, ())                           \
  F(void, TFE_DeleteContextOptions, (TFE_ContextOptions*))                    \
  F(TFE_Context*, TFE_NewContext, (const TFE_ContextOptions*, TF_Status*))    \
  F(TFE_TensorHandle*, TFE_NewTensorHandle, (const TF_Tensor*, TF_Status*))   \
  F(void, TFE_DeleteTensorHandle, (TFE_TensorHandle*))                        \
  F(TF_Tensor*, TFE_TensorHandleResolve, (TFE_TensorHandle*, TF_Status*))     \
  F(TFE_Op*, TFE_NewOp, (TFE_Context*, const char*, TF_Status*))              \
  F(void, TFE_DeleteOp, (TFE_Op*))                                            \
  F(void, TFE_OpAddInput, (TFE_Op*, TFE_TensorHandle*, TF_Status*))           \
  F(void, TFE_OpSetAttrType, (TFE_Op*, const char*, int))                     \
  F(void, TFE_OpSetAttrBool, (TFE_Op*, const char*, unsigned char))           \
  F(void, TFE_Execute, (TFE_Op*, TFE_TensorHandle**, int*, TF_Status*))

struct Library {
#define DECLARE(result, name, arguments) result(*name) arguments;
  FOR_EACH_FUNCTION(DECLARE)
#undef DECLARE
};
// Set once by Open, on the thread that runs JavaScript.
Library tf;
TFE_Context* context = nullptr;

bool FindFunctions(void* library) {
#define FIND(result, name, arguments)                                     \
  tf.name = reinterpret_cast<result(*) arguments>(dlsym(library, #name)); \
  if (tf.name == nullptr) return false;
  FOR_EACH_FUNCTION(FIND)
#undef FIND
  return true;
}

// What a call came to.
struct Status {
  Status() : status(tf.TF_NewStatus()) {}
  ~Status() { tf.TF_DeleteStatus(status); }
  bool is_ok() const { return tf.TF_GetCode(status) == kOk; }
  TF_Status* status;
};

// A tensor over an array, which must last as long.
struct Operand {
  Operand(float* values, int64_t rows, int64_t columns, TF_Status* status) {
    const int64_t shape[] = {rows, columns};
    const size_t bytes = sizeof(float) * rows * columns;
    TF_Tensor* const tensor =
        tf.TF_NewTensor(kFloat, shape, 2, values, bytes, KeepArray, nullptr);
    handle = tf.TFE_NewTensorHandle(tensor, status);
    tf.TF_DeleteTensor(tensor);
  }
  ~Operand() {
    if (handle != nullptr) tf.TFE_DeleteTensorHandle(handle);
  }
  static void KeepArray(void*, size_t, void*) {}
  TFE_TensorHandle* handle;
};

// Runs the operation and copies its result; the status says whether it could.
void Multiply(const Operand& a, const Operand& b, bool is_a_transposed,
              bool is_b_transposed, float* into, size_t length,
              TF_Status* status) {
  const auto failed = [=] { return tf.TF_GetCode(status) != kOk; };
  if (failed()) return;
  TFE_Op* const op = tf.TFE_NewOp(context, "BatchMatMulV2", status);
  if (failed()) return;
  tf.TFE_OpSetAttrType(op, "T", kFloat);
  tf.TFE_OpSetAttrBool(op, "adj_x", is_a_transposed);
  tf.TFE_OpSetAttrBool(op, "adj_y", is_b_transposed);
  tf.TFE_OpAddInput(op, a.handle, status);
  if (!failed()) tf.TFE_OpAddInput(op, b.handle, status);
  TFE_TensorHandle* result = nullptr;
  int count = 1;
  if (!failed()) tf.TFE_Execute(op, &result, &count, status);
  tf.TFE_DeleteOp(op);
  if (failed()) return;
  TF_Tensor* const tensor = tf.TFE_TensorHandleResolve(result, status);
  if (!failed() && tf.TF_TensorByteSize(tensor) == sizeof(float) * length) {
    memcpy(into, tf.TF_TensorData(tensor), sizeof(float) * length);
  }
  if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
  tf.TFE_DeleteTensorHandle(result);
}

// openLibrary(path): whether `multiply` can be called from now on. The library
// must be loaded already; its threads are those of TensorFlow.js.
napi_value OpenLibrary(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "openLibrary");
  char path[4096];
  given.Text(path, sizeof path);
  if (given.is_wrong()) return nullptr;
  void* const library =
      context != nullptr ? nullptr : dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (library != nullptr && FindFunctions(library)) {
    Status status;
    TFE_ContextOptions* const options = tf.TFE_NewContextOptions();
    TFE_Context* const made = tf.TFE_NewContext(options, status.status);
    tf.TFE_DeleteContextOptions(options);
    if (status.is_ok()) context = made;
  }
  napi_value result;
  napi_get_boolean(env, context != nullptr, &result);
  return result;
}

// multiply(rowsA, columnsA, isATransposed, rowsB, columnsB, isBTransposed, a,
// b, into): the product of two matrices, each as it is stored or transposed.
napi_value MultiplyArrays(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "multiply");
  const size_t most = 1 << 24;
  const size_t rows_a = given.Whole(1, most), columns_a = given.Whole(1, most);
  const bool is_a_transposed = given.Whole(0, 1) == 1;
  const size_t rows_b = given.Whole(1, most), columns_b = given.Whole(1, most);
  const bool is_b_transposed = given.Whole(0, 1) == 1;
  float* const a = given.Floats(rows_a * columns_a);
  float* const b = given.Floats(rows_b * columns_b);
  const size_t length = (is_a_transposed ? columns_a : rows_a) *
                        (is_b_transposed ? rows_b : columns_b);
  float* const into = given.Floats(length);
  if (given.is_wrong()) return nullptr;
  if ((is_a_transposed ? rows_a : columns_a) !=
      (is_b_transposed ? columns_b : rows_b)) {
    napi_throw_range_error(env, nullptr, "multiply: matrices do not fit");
    return nullptr;
  }
  if (context == nullptr) {
    napi_throw_error(env, nullptr, "multiply: openLibrary comes first");
    return nullptr;
  }
  Status status;
  const Operand left(a, rows_a, columns_a, status.status);
  const Operand right(b, rows_b, columns_b, status.status);
  Multiply(left, right, is_a_transposed, is_b_transposed, into, length,
           status.status);
  if (!status.is_ok()) {
    napi_throw_error(env, nullptr, tf.TF_Message(status.status));
  }
  return nullptr;
}

}  // namespace

bool SetProducts(napi_env env, napi_value exports) {
  return SetFunction(env, exports, "openLibrary", OpenLibrary) &&
         SetFunction(env, exports, "multiply", MultiplyArrays);
}
