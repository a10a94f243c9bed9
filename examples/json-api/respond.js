// Small helpers of the routes.
export const json = (value, init) => Response.json(value, init);

export const notFound = (message) => json({ error: message }, { status: 404 });

export async function readJson(request) {
  try {
    return await request.json();
  } catch (cause) {
    throw new TypeError("the body is not JSON", { cause });
  }
}
