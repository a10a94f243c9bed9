// The application as StarlingMonkey takes it.
import "../javascript/prelude.js";
import application from "./fetch.js";

addEventListener("fetch", (event) => event.respondWith(application.fetch(event.request)));
