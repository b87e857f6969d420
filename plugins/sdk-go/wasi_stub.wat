;; A wasi_snapshot_preview1 that has nothing behind it, for runtimes that do not start without one.
;;
;; The host has no WASI, so the answers are part of the component: no arguments, no environment, no
;; files. What such a runtime asks for and a plugin must not have gets the same answer every time:
;; clocks only count, and random bytes are always the same ones. What is written to standard output and
;; standard error becomes messages of the plugin. The encoder leaves out the functions that a plugin does not
;; import. Signatures and numbers: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
(module
  (import "env" "memory" (memory 0))
  ;; Level, address and length of a text.
  (import "wellhead:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))

  ;; Where a line is put together, since Go's runtime writes its last words piece by piece. Go's linker leaves
  ;; these bytes free: they are for arguments and environment in a browser, and there are none.
  ;; https://github.com/golang/go/blob/go1.25.0/src/cmd/link/internal/ld/data.go, `wasmMinDataAddr`
  (global $line i32 (i32.const 4096))
  (global $room i32 (i32.const 1024))
  ;; Bytes of the line so far, and whether the plugin has said why it ends.
  (global $len (mut i32) (i32.const 0))
  (global $told (mut i32) (i32.const 0))

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

  ;; Length of the character at an address, and 0 where the bytes are none of UTF-8 that ends in time.
  ;; https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506
  (func $character (param $at i32) (param $end i32) (result i32)
    (local $first i32) (local $second i32) (local $length i32) (local $next i32)
    (local.set $first (i32.load8_u (local.get $at)))
    (if (i32.lt_u (local.get $first) (i32.const 0x80)) (then (return (i32.const 1))))
    (if (i32.lt_u (i32.sub (local.get $first) (i32.const 0xc2)) (i32.const 0x33))
      (then (local.set $length (i32.add (i32.const 2) (i32.add
        (i32.ge_u (local.get $first) (i32.const 0xe0))
        (i32.ge_u (local.get $first) (i32.const 0xf0)))))))
    (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
    (if (i32.gt_u (i32.add (local.get $at) (local.get $length)) (local.get $end))
      (then (return (i32.const 0))))
    (local.set $next (i32.const 1))
    (loop $rest
      (if (i32.ne (i32.const 0x80) (i32.and (i32.const 0xc0)
          (i32.load8_u (i32.add (local.get $at) (local.get $next)))))
        (then (return (i32.const 0))))
      (local.set $next (i32.add (local.get $next) (i32.const 1)))
      (br_if $rest (i32.lt_u (local.get $next) (local.get $length))))
    ;; Too long for its number, a surrogate, or beyond the last one.
    (local.set $second (i32.load8_u (i32.add (local.get $at) (i32.const 1))))
    (if (i32.or
          (i32.or
            (i32.and (i32.eq (local.get $first) (i32.const 0xe0)) (i32.lt_u (local.get $second) (i32.const 0xa0)))
            (i32.and (i32.eq (local.get $first) (i32.const 0xed)) (i32.ge_u (local.get $second) (i32.const 0xa0))))
          (i32.or
            (i32.and (i32.eq (local.get $first) (i32.const 0xf0)) (i32.lt_u (local.get $second) (i32.const 0x90)))
            (i32.and (i32.eq (local.get $first) (i32.const 0xf4)) (i32.ge_u (local.get $second) (i32.const 0x90)))))
      (then (return (i32.const 0))))
    (local.get $length))

  ;; Gives the line to the host as a message. Bytes that are no text become question marks. The level is
  ;; `debug`, and `warn` for the reason of Go's runtime to give up, which a host shows with the crash.
  (func $say
    (local $at i32) (local $end i32) (local $length i32) (local $level i32)
    (if (i32.eqz (global.get $len)) (then (return)))
    (local.set $at (global.get $line))
    (local.set $end (i32.add (global.get $line) (global.get $len)))
    (loop $next
      (local.set $length (call $character (local.get $at) (local.get $end)))
      (if (i32.eqz (local.get $length))
        (then
          (i32.store8 (local.get $at) (i32.const 0x3f))
          (local.set $length (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (local.get $length)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.set $level (i32.const 2))
    ;; `fatal er`, and `panic: `.
    (if (i32.and (i32.gt_u (global.get $len) (i32.const 7)) (i32.or
          (i64.eq (i64.load (global.get $line)) (i64.const 0x7265206c61746166))
          (i64.eq (i64.and (i64.load (global.get $line)) (i64.const 0xffffffffffffff)) (i64.const 0x203a63696e6170))))
      (then
        (local.set $level (i32.const 0))
        (global.set $told (i32.const 1))))
    (local.set $length (global.get $len))
    (global.set $len (i32.const 0))
    (call $log (local.get $level) (global.get $line) (local.get $length)))

  ;; Takes every byte. Standard output says what there is after each write, as programs write whole lines.
  (func (export "fd_write") (param $fd i32) (param $buffers i32) (param $count i32) (param $written i32) (result i32)
    (local $sum i32) (local $at i32) (local $end i32) (local $byte i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $at (i32.load (local.get $buffers)))
        (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $buffers))))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $buffers))))
        (block $taken
          (loop $each
            (br_if $taken (i32.ge_u (local.get $at) (local.get $end)))
            (local.set $byte (i32.load8_u (local.get $at)))
            (if (i32.eq (local.get $byte) (i32.const 10))
              (then (call $say))
              (else
                (if (i32.ge_u (global.get $len) (global.get $room)) (then (call $say)))
                (i32.store8 (i32.add (global.get $line) (global.get $len)) (local.get $byte))
                (global.set $len (i32.add (global.get $len) (i32.const 1)))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $each)))
        (local.set $buffers (i32.add (local.get $buffers) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (if (i32.eq (local.get $fd) (i32.const 1)) (then (call $say)))
    (i32.store (local.get $written) (local.get $sum))
    (i32.const 0))

  ;; Ends the call. Who ends it without a word is told as `it ended itself with exit code N`.
  (func (export "proc_exit") (param $code i32)
    (local $at i32) (local $end i32)
    (call $say)
    (if (i32.eqz (global.get $told))
      (then
        (local.set $end (i32.add (global.get $line) (i32.const 64)))
        (local.set $at (local.get $end))
        (loop $digits
          (local.set $at (i32.sub (local.get $at) (i32.const 1)))
          (i32.store8 (local.get $at) (i32.add (i32.const 0x30) (i32.rem_u (local.get $code) (i32.const 10))))
          (local.set $code (i32.div_u (local.get $code) (i32.const 10)))
          (br_if $digits (local.get $code)))
        ;; The words before them.
        (local.set $at (i32.sub (local.get $at) (i32.const 31)))
        (i64.store offset=0 (local.get $at) (i64.const 0x6465646e65207469))
        (i64.store offset=8 (local.get $at) (i64.const 0x20666c6573746920))
        (i64.store offset=16 (local.get $at) (i64.const 0x6978652068746977))
        (i64.store offset=23 (local.get $at) (i64.const 0x2065646f63207469))
        (call $log (i32.const 0) (local.get $at) (i32.sub (local.get $end) (local.get $at)))))
    unreachable)

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
