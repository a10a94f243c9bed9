;; The section starts with the version of the format.
(module (import "engine" "memory" (memory 1)) (@custom "wizerjs.app" "\09\00\00\00 and whatever version 9 says"))
