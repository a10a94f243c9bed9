import { prefix } from "./app.js";
export const name = prefix + "name";
