console.log("\u202elog");
throw new Error("\u202e\u001b[31mred");
