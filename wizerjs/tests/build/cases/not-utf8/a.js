let a = "ÿ";
