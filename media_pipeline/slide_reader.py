"""The program that reads writing in pictures: `python -m media_pipeline.slide_reader PICTURE…`, by `slides` only.

It stands alone: it imports neither Django nor anything of ours, for it may run with another Python, in which `rapidocr`
(with its Chinese models) is installed. For each picture one line of JSON: `{"picture", "lines": [{"text", "confidence",
"top", "left", "height"}]}`, places as parts of the picture's height and width; or `{"picture", "error"}`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

# One core: slides are read beside encoders. No turned writing: slides have none, and looking for it costs a fifth.
SETTINGS = {
    "Global.use_cls": False,
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def main(pictures: list[str]) -> None:
    from rapidocr import RapidOCR

    engine = RapidOCR(params=SETTINGS)
    for picture in pictures:
        try:
            found: dict[str, Any] = {"lines": lines(engine(picture))}
        except Exception as error:  # noqa: BLE001 - whatever it is, the next slide may be read all the same
            found = {"error": type(error).__name__}
        print(json.dumps({"picture": picture, **found}), flush=True)  # noqa: T201 - this is how it answers


def lines(result: Any) -> list[dict[str, Any]]:
    if result.boxes is None or result.txts is None or result.scores is None:
        return []
    height, width = result.img.shape[:2]
    return [
        {
            "text": text,
            "confidence": round(float(score), 3),
            "top": round(float(min(y for _, y in box)) / height, 4),
            "left": round(float(min(x for x, _ in box)) / width, 4),
            "height": round(float(max(y for _, y in box) - min(y for _, y in box)) / height, 4),
        }
        for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
