{
  "includes": ["src/context.gypi"]
}
