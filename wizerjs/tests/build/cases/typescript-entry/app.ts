enum Kind { One = 1 }
export default { fetch(request: Request): Response { return Response.json(Kind.One); } } satisfies object;
