(module (import "engine" "memory" (memory 1)) (@custom "wizerjs.app" "\03\00\00\00\02\00\00\00 and too little"))
