(module (import "engine" "memory" (memory 1)) (@custom "wizerjs.app" "\01\00\00\00 and too little"))
