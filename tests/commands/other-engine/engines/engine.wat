;; An engine that evaluates no JavaScript. As a command it writes its standard input to its standard output and exits
;; with the number of its arguments.
(module
  (import "wizerjs-host-v2" "start_operation" (func $start (param i32 i32) (result i32)))
  (import "wizerjs-host-v2" "response_chunk" (func $write (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (global (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $arguments (export "arguments") (mut i32) (i32.const 0))
  ;; A read of the body: tag 2, that of no fetch, 4096 bytes at most.
  (data (i32.const 1024) "\02\00\00\00\00\00\10\00\00")
  (func (export "_initialize"))
  (func (export "initialize_engine") (result i32) (i32.const 0))
  (func (export "load_application") (param i32 i32) (result i32)
    (i32.store (i32.const 2048) (i32.const 1))
    (i32.const 0))
  (func (export "allocate") (param i32 i32) (result i32) (i32.const 131072))
  (func (export "handle_request") (param i32 i32) (result i32) (i32.const 2))
  ;; Asks for more, and is pending.
  (func $read (result i32) (drop (call $start (i32.const 1024) (i32.const 9))) (i32.const 1))
  (func (export "run_main") (param $message i32) (param i32) (result i32)
    (global.set $arguments (i32.load (local.get $message)))
    (call $read))
  ;; One completion: a count, the operation, a tag; for bytes their length, and they follow.
  (func (export "resume") (param $message i32) (param i32) (result i32)
    (if (i32.eq (i32.load8_u offset=8 (local.get $message)) (i32.const 1))
      (then
        (drop (call $write (i32.add (local.get $message) (i32.const 13)) (i32.load offset=9 (local.get $message))))
        (return (call $read))))
    (call $exit (global.get $arguments))
    (i32.const 0)))
