import part from "part";
declare const BUILD: string, MODE: number;
const seen = new Set<string>();

export default {
  async fetch(request: Request) {
    seen.add([request.method, new URL(request.url).pathname, await request.text()].join(" ").trim());
    return Response.json([part, BUILD, MODE, ...seen]);
  },
};

export function main() {
  console.log(part, BUILD, MODE, [...seen].join(", "));
}
