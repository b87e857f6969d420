;; A core module with every section, and an export that is lifted.
(component
  (core module $m
    (type (func (param i32) (result i32)))
    (table 2 funcref)
    (memory (export "memory") 1 2)
    (global $g (mut i32) (i32.const 0))
    (elem (i32.const 0) $f $f)
    (data (i32.const 0) "data")
    (func $start (global.set $g (i32.const 1)))
    (start $start)
    (func $f (export "f") (param i32) (result i32)
      (local i64 f64)
      (block (loop (br_if 1 (local.get 0)) (br_table 0 1 (i32.const 3))))
      (if (result i32) (global.get $g)
        (then (call_indirect (type 0) (local.get 0) (i32.const 0)))
        (else (memory.grow (i32.const 1))))))
  (core instance $i (instantiate $m))
  (func (export "f") (param "a" s32) (result s32) (canon lift (core func $i "f"))))
