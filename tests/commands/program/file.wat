;; Opens `file` in its first folder for reading, then for writing, and exits with the second error.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "file")
  (func $try (param $rights i64) (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0)
      (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 32)))
  (func (export "_start")
    (if (call $try (i64.const 2)) (then (call $exit (i32.const 99))))
    (call $exit (call $try (i64.const 64)))))
