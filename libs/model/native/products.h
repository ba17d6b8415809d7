// See products.cc.
#pragma once

#include <node_api.h>

// Sets `openLibrary` and `multiply`.
bool SetProducts(napi_env env, napi_value exports);
