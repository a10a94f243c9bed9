import { renderToReadableStream } from "react-dom/server";

function Page({ greeting, path }: { greeting: string; path: string }) {
  return (
    <html lang="en">
      <head>
        <title>{greeting}</title>
      </head>
      <body>
        <h1>
          {greeting} from React, at {path}
        </h1>
      </body>
    </html>
  );
}

export default {
  async fetch(request, env) {
    const page = <Page greeting={env.GREETING ?? "Hello"} path={new URL(request.url).pathname} />;
    return new Response(await renderToReadableStream(page), { headers: { "content-type": "text/html; charset=utf-8" } });
  },
} satisfies ExportedHandler<Partial<Env>>;
