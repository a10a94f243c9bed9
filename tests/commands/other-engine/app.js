export const main = "whatever the engine makes of it";
