// The pages on which an author works on a lecture, beside its player.

import { Rows } from "./rows.js";

for (const root of document.querySelectorAll("[data-rows]")) new Rows(root);
