;; Components in components, instantiated more than once.
(component
  (component $a
    (core module $m (memory 1) (table 2 funcref))
    (core instance (instantiate $m))
    (core instance (instantiate $m)))
  (component $b
    (alias outer 1 $a (component $a))
    (instance (instantiate $a))
    (instance (instantiate $a)))
  (instance (instantiate $b))
  (instance (instantiate $b)))
