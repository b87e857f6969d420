;; Types of every kind.
(component
  (type $record (record (field "a" u32) (field "b" string)))
  (type $variant (variant (case "a" $record) (case "b")))
  (type $list (list $variant))
  (type $flags (flags "a" "b"))
  (type $enum (enum "a" "b"))
  (type $result (result $list (error $enum)))
  (type $tuple (tuple u8 s64 f32 char bool))
  (type $option (option $tuple))
  (type $function (func (param "a" $result) (param "b" $flags) (result $option)))
  (type $instance (instance
    (type (list u8))
    (export "l" (type (eq 0)))
    (export "f" (func (result 1)))))
  (type $component (component (import "i" (func)) (export "e" (func))))
  (import "x" (instance (type $instance))))
