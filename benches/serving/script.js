// The application as a script that leaves two functions, for hosts that evaluate text.
import { respond, type } from "application";

globalThis.respond = respond;
globalThis.type = type;
