;; A wasi_snapshot_preview1 that has nothing behind it, for runtimes that do not start without one.
;;
;; The host has no WASI, so the answers are part of the component: no arguments, no environment, no
;; files. What such a runtime asks for and a plugin must not have gets the same answer every time:
;; clocks only count, and random bytes are always the same ones. What is written goes nowhere. The
;; encoder leaves out the functions that a plugin does not import. Signatures and numbers:
;; https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
(module
  (import "env" "memory" (memory 0))

  ;; Nanoseconds since the start. Never 0, which Go takes for a broken clock.
  (global $now (mut i64) (i64.const 1000000))
  ;; State of the generator of numbers that are not random.
  (global $seed (mut i64) (i64.const 0x9e3779b97f4a7c15))

  ;; Two empty lists: how many there are, and their size.
  (func $empty (param $count i32) (param $size i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $size) (i32.const 0))
    (i32.const 0))
  (func (export "args_sizes_get") (param i32 i32) (result i32)
    (call $empty (local.get 0) (local.get 1)))
  (func (export "environ_sizes_get") (param i32 i32) (result i32)
    (call $empty (local.get 0) (local.get 1)))
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))

  ;; Each look at the clock is a microsecond later than the one before.
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $time i32) (result i32)
    (global.set $now (i64.add (global.get $now) (i64.const 1000)))
    (i64.store (local.get $time) (global.get $now))
    (i32.const 0))
  (func (export "clock_res_get") (param $clock i32) (param $resolution i32) (result i32)
    (i64.store (local.get $resolution) (i64.const 1000))
    (i32.const 0))

  ;; Who waits is woken at once, and the clock says that the time is over. Of several subscriptions the
  ;; first has happened; only clocks ever do.
  (func (export "poll_oneoff") (param $in i32) (param $out i32) (param $subscriptions i32) (param $events i32) (result i32)
    (local $timeout i64)
    (if (i32.load8_u offset=8 (local.get $in))
      (then (i32.store (local.get $events) (i32.const 0)) (return (i32.const 0))))
    (local.set $timeout (i64.load offset=24 (local.get $in)))
    ;; A timeout is a time of day, or counts from now.
    (if (i32.eqz (i32.and (i32.load16_u offset=40 (local.get $in)) (i32.const 1)))
      (then (local.set $timeout (i64.add (global.get $now) (local.get $timeout)))))
    (if (i64.gt_u (local.get $timeout) (global.get $now))
      (then (global.set $now (local.get $timeout))))
    ;; The event: whose it is, no error, a clock's.
    (i64.store (local.get $out) (i64.load (local.get $in)))
    (i64.store offset=8 (local.get $out) (i64.const 0))
    (i32.store (local.get $events) (i32.const 1))
    (i32.const 0))
  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; SplitMix64, a byte at a time.
  (func (export "random_get") (param $to i32) (param $len i32) (result i32)
    (local $z i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $len)))
        (global.set $seed (i64.add (global.get $seed) (i64.const 0x9e3779b97f4a7c15)))
        (local.set $z (global.get $seed))
        (local.set $z (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30))) (i64.const 0xbf58476d1ce4e5b9)))
        (local.set $z (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27))) (i64.const 0x94d049bb133111eb)))
        (i64.store8 (local.get $to) (i64.shr_u (local.get $z) (i64.const 56)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $len (i32.sub (local.get $len) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; Says that every byte was written.
  (func (export "fd_write") (param $fd i32) (param $buffers i32) (param $count i32) (param $written i32) (result i32)
    (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $buffers))))
        (local.set $buffers (i32.add (local.get $buffers) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $written) (local.get $sum))
    (i32.const 0))

  (func (export "proc_exit") (param i32) unreachable)

  ;; Every file and socket is unknown: 8 is `badf`.
  (func $badf (result i32) (i32.const 8))
  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (call $badf))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (call $badf))
  (func (export "fd_close") (param i32) (result i32) (call $badf))
  (func (export "fd_datasync") (param i32) (result i32) (call $badf))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (call $badf))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (call $badf))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (call $badf))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (call $badf))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (call $badf))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (call $badf))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (call $badf))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (call $badf))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (call $badf))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (call $badf))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (call $badf))
  (func (export "fd_renumber") (param i32 i32) (result i32) (call $badf))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (call $badf))
  (func (export "fd_sync") (param i32) (result i32) (call $badf))
  (func (export "fd_tell") (param i32 i32) (result i32) (call $badf))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (call $badf))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) (call $badf))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (call $badf))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (call $badf))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (call $badf))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (call $badf))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (call $badf))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (call $badf)))
