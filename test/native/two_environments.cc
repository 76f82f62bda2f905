// An addon that runs a script in an environment of its own, in the isolate that it is called in, as Electron
// does. It is built with the headers of the release that runs it.

#include <node.h>
#include <uv.h>

namespace {

void RunInEnvironment(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* const isolate = info.GetIsolate();
  const v8::HandleScope scope(isolate);
  const v8::String::Utf8Value script(isolate, info[0]);
  node::Environment* const caller = node::GetCurrentEnvironment(isolate->GetCurrentContext());
  node::IsolateData* const data = node::CreateIsolateData(isolate, node::GetCurrentEventLoop(isolate),
                                                          node::GetMultiIsolatePlatform(caller));
  const v8::Local<v8::Context> context = node::NewContext(isolate);
  const v8::Context::Scope context_scope(context);
  node::Environment* const environment =
      node::CreateEnvironment(data, context, {"node"}, {},
                              static_cast<node::EnvironmentFlags::Flags>(node::EnvironmentFlags::kNoFlags));
  info.GetReturnValue().Set(!node::LoadEnvironment(environment, *script).IsEmpty());
  node::FreeEnvironment(environment);
  node::FreeIsolateData(data);
}

void Initialize(v8::Local<v8::Object> exports) {
  NODE_SET_METHOD(exports, "runInEnvironment", RunInEnvironment);
}

}  // namespace

NODE_MODULE(two_environments, Initialize)
