{
  "targets": [
    {
      "target_name": "context",
      "sources": [
        "addon.cc",
        "addon_labels.cc",
        "addon_pages.cc",
        "addon_stack.cc",
        "addon_usage.cc",
        "addon_waits.cc",
        "addon_watch.cc",
        "destination.cc",
        "destination_windows.cc",
        "frame_table.cc",
        "host.cc",
        "interrupts.cc",
        "json_line.cc",
        "label_table.cc",
        "line_writer.cc",
        "namespace_table.cc",
        "thread.cc",
        "thread_probe.cc",
        "v8_functions.cc",
        "watchdog.cc",
        "watched_loop.cc",
        "watched_loop_report.cc"
      ],
      "include_dirs": ["<!(node -p \"process.env.CONTEXT_HEADERS || require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
      "xcode_settings": { "CLANG_CXX_LANGUAGE_STANDARD": "c++17", "MACOSX_DEPLOYMENT_TARGET": "11.0", "GCC_SYMBOLS_PRIVATE_EXTERN": "YES" },
      "conditions": [["OS == 'win'", { "defines": ["NOMINMAX"] }]],
      "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++17"] } }
    }
  ]
}
