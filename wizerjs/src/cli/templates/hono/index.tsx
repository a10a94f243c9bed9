import { Hono } from "hono";

const Page = ({ greeting }: { greeting: string }) => (
  <html>
    <body>
      <h1>{greeting} from Hono</h1>
    </body>
  </html>
);

// Routes are registered once: when the application is built.
const app = new Hono<{ Bindings: Partial<Env> }>();
app.get("/", (c) => c.html(<Page greeting={c.env.GREETING ?? "Hello"} />));
app.get("/api/:name", (c) => c.json({ hello: c.req.param("name") }));

export default app;
