{
  "targets": [{ "target_name": "scopes", "sources": ["scopes.c"], "defines": ["NAPI_VERSION=8"] }]
}
