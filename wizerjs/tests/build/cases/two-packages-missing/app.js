import { z } from "zod";
import x from "@scope/part/deep.js";
export default { fetch: () => Response.json([z, x]) };
