;; Each of the two is right: versions, digest, names of the engine and the entry, pages, no globals, no variables, no map.
(module (import "engine" "memory" (memory 1))
  (@custom "wizerjs.app" "\03\00\00\00\02\00\00\00" "01234567890123456789012345678901" "\01\00\00\00e" "\06\00\00\00app.js"
    "\01\00\00\00\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
  (@custom "wizerjs.app" "\03\00\00\00\02\00\00\00" "01234567890123456789012345678901" "\01\00\00\00e" "\06\00\00\00app.js"
    "\01\00\00\00\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00"))
