// Calls back as addons do: with an async context, or without one, in a scope whose async id is 0 and whose
// resource is the receiver.

#include <node_api.h>
#include <stdlib.h>
#include <uv.h>

typedef struct {
  uv_async_t handle;
  napi_env env;
  napi_ref receiver;
  napi_ref callback;
} Later;

static void make_callback(napi_env env, napi_value receiver, napi_value callback) {
  napi_value result;
  // An exception that the callback has thrown stays pending.
  napi_make_callback(env, NULL, receiver, callback, 0, NULL, &result);
}

// call(receiver, callback): at once, so that the scope is nested in the one of the caller.
static napi_value call(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, NULL, NULL);
  make_callback(env, args[0], args[1]);
  return NULL;
}

static void on_closed(uv_handle_t* handle) { free(handle->data); }

static void on_turn(uv_async_t* handle) {
  Later* later = handle->data;
  napi_env env = later->env;
  napi_handle_scope scope;
  napi_value receiver;
  napi_value callback;
  napi_open_handle_scope(env, &scope);
  napi_get_reference_value(env, later->receiver, &receiver);
  napi_get_reference_value(env, later->callback, &callback);
  napi_delete_reference(env, later->receiver);
  napi_delete_reference(env, later->callback);
  make_callback(env, receiver, callback);
  napi_close_handle_scope(env, scope);
  uv_close((uv_handle_t*)handle, on_closed);
}

// callLater(receiver, callback): from the event loop.
static napi_value call_later(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  uv_loop_t* loop;
  Later* later = malloc(sizeof(Later));
  napi_get_cb_info(env, info, &count, args, NULL, NULL);
  napi_get_uv_event_loop(env, &loop);
  later->env = env;
  napi_create_reference(env, args[0], 1, &later->receiver);
  napi_create_reference(env, args[1], 1, &later->callback);
  later->handle.data = later;
  uv_async_init(loop, &later->handle, on_turn);
  uv_async_send(&later->handle);
  return NULL;
}

// callInContext(resource, callback): makes an async context of the resource, calls back in it, and destroys
// it.
static napi_value call_in_context(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  napi_value name;
  napi_value result;
  napi_async_context context;
  napi_get_cb_info(env, info, &count, args, NULL, NULL);
  napi_create_string_utf8(env, "scopes", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, args[0], name, &context);
  napi_make_callback(env, context, args[0], args[1], 0, NULL, &result);
  napi_async_destroy(env, context);
  return NULL;
}

// report(error): as an addon reports an exception that nobody can catch.
static napi_value report(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value error;
  napi_get_cb_info(env, info, &count, &error, NULL, NULL);
  napi_fatal_exception(env, error);
  return NULL;
}

static napi_value init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "call", NAPI_AUTO_LENGTH, call, NULL, &function);
  napi_set_named_property(env, exports, "call", function);
  napi_create_function(env, "callLater", NAPI_AUTO_LENGTH, call_later, NULL, &function);
  napi_set_named_property(env, exports, "callLater", function);
  napi_create_function(env, "callInContext", NAPI_AUTO_LENGTH, call_in_context, NULL, &function);
  napi_set_named_property(env, exports, "callInContext", function);
  napi_create_function(env, "report", NAPI_AUTO_LENGTH, report, NULL, &function);
  napi_set_named_property(env, exports, "report", function);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, init)
