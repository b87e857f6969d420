;; A resource with a destructor, and functions that give and take it.
(component
  (core module $m
    (func (export "drop") (param i32)))
  (core instance $i (instantiate $m))
  (type $r (resource (rep i32) (dtor (core func $i "drop"))))
  (core func $new (canon resource.new $r))
  (core func $rep (canon resource.rep $r))
  (core func $drop (canon resource.drop $r))
  (core module $n
    (import "r" "new" (func $new (param i32) (result i32)))
    (import "r" "drop" (func $drop (param i32)))
    (func (export "run") (call $drop (call $new (i32.const 1)))))
  (core instance $j (instantiate $n
    (with "r" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $j "run"))))
