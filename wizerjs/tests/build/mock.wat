;; An engine that evaluates no JavaScript: the fourth character of the entry module says what it does instead, as in
;; `$$$k;`. It shows what the build tool makes of engines that a real one is not: late, hostile, or leaving state behind.
(module
  (import "wizerjs-host-v2" "report" (func $report (param i32 i32)))
  (import "wizerjs-host-v2" "log" (func $log (param i32 i32 i32)))
  (import "wizerjs-host-v2" "start_operation" (func $start_operation (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 2)
  (global $stack (export "__stack_pointer") (mut i32) (i32.const 65536))
  (global $loads (export "loads") (mut i64) (i64.const 0))
  (global $scale (export "scale") (mut f64) (f64.const 1))
  (global (export "version") i32 (i32.const 7))
  (table 1 funcref)
  (elem (i32.const 0) func $one)

  (data (i32.const 1024) "built in")
  ;; A fetch: tag 3, "GET", "http://x/", no headers, no body.
  (data (i32.const 2048) "\03\03\00\00\00GET\09\00\00\00http://x/\00\00\00\00\00")
  ;; A diagnostic: level 3, kind 2, "Error: no", "app.js", line 1, column 5, no stack.
  (data (i32.const 2304) "\03\02\09\00\00\00Error: no\06\00\00\00app.js\01\00\00\00\05\00\00\00\00\00\00\00")
  (data (i32.const 2560) "hello\1b[31m")

  (func $one (result i32) (i32.const 1))
  (func (export "_initialize") (global.set $stack (i32.const 65520)) (global.set $stack (i32.const 65536)))
  (func (export "initialize_engine") (result i32)
    (i64.store (i32.const 4096) (i64.const 0x1122334455667788))
    (global.set $scale (f64.const 2.5))
    (i32.const 0))
  (func (export "allocate") (param $len i32) (param i32) (result i32)
    ;; Only so much room.
    (select (i32.const 66000) (i32.const 0) (i32.lt_u (local.get $len) (i32.const 60000))))
  (func (export "load_application") (param $message i32) (param i32) (result i32)
    (local $source i32)
    ;; The message begins with the number of modules, then the length of the first one's name.
    (local.set $source (i32.add (local.get $message)
      (i32.add (i32.const 12) (i32.load offset=4 (local.get $message)))))
    (global.set $loads (i64.add (global.get $loads) (i64.const 1)))
    (i32.store (i32.const 8192) (i32.const 42))
    (memory.fill (local.get $message) (i32.const 0) (i32.const 0))
    (call $behave (i32.load8_u offset=3 (local.get $source))))

  (func $behave (param $what i32) (result i32)
    (if (i32.eq (local.get $what) (i32.const 0x67)) ;; g: grow, and write to the new page
      (then (drop (memory.grow (i32.const 1))) (i32.store (i32.const 131072) (i32.const 9))))
    (if (i32.eq (local.get $what) (i32.const 0x6c)) (then (loop $forever (br $forever)))) ;; l: endless loop
    (if (i32.eq (local.get $what) (i32.const 0x74)) (then unreachable)) ;; t: trap
    (if (i32.eq (local.get $what) (i32.const 0x78)) (then (call $proc_exit (i32.const 3)))) ;; x: exit
    (if (i32.eq (local.get $what) (i32.const 0x66)) ;; f: fetch
      (then (drop (call $start_operation (i32.const 2048) (i32.const 26)))))
    (if (i32.eq (local.get $what) (i32.const 0x6f)) ;; o: open a file
      (then (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))))
    (if (i32.eq (local.get $what) (i32.const 0x65)) ;; e: report an error
      (then (call $report (i32.const 2304) (i32.const 37)) (return (i32.const 1))))
    (if (i32.eq (local.get $what) (i32.const 0x62)) ;; b: report what is none
      (then (call $report (i32.const 2304) (i32.const 36))))
    (if (i32.eq (local.get $what) (i32.const 0x6d)) ;; m: report from outside of the memory
      (then (call $report (i32.const -1) (i32.const -1))))
    (if (i32.eq (local.get $what) (i32.const 0x6e)) (then (return (i32.const 1)))) ;; n: fail for no reason
    (if (i32.eq (local.get $what) (i32.const 0x7a)) (then (return (i32.const 77)))) ;; z: nonsense
    (if (i32.eq (local.get $what) (i32.const 0x73)) (then (global.set $stack (i32.const 64)))) ;; s: lose the stack
    (if (i32.eq (local.get $what) (i32.const 0x72)) ;; r: keep randomness and the time
      (then
        (drop (call $random_get (i32.const 12288) (i32.const 16)))
        (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 12304)))
        (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 12312)))))
    (call $log (i32.const 1) (i32.const 2560) (i32.const 10))
    (i32.const 0))

  ;; Answers with what was loaded, so that two instances can be compared.
  (func (export "handle_request") (param i32 i32) (result i32)
    (i32.add (i32.load (i32.const 8192)) (i32.wrap_i64 (global.get $loads))))
  (func (export "resume") (param i32 i32) (result i32) (memory.size)))
