// The pages on which an author works on a lecture, beside its player.

import { Cut } from "./cut.js";
import { Rows } from "./rows.js";

for (const root of document.querySelectorAll("[data-rows]")) new Rows(root);
for (const form of document.querySelectorAll("[data-cut]")) new Cut(form);
