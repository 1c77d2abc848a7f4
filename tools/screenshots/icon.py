"""Draw the addon's icon: a bank note that comes back, and a bar across it."""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

TARGET = Path(__file__).resolve().parents[2] / "static" / "description" / "icon.png"
SCALE = 8  # drawn larger, then reduced: smooth edges
SIZE = 128
INK, NOTE, STOP = "#2f4858", "#f4f1e8", "#d1493f"


def main():
    """Write the icon."""
    image = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    _box(pen, (4, 4, 124, 124), 22, INK)
    _box(pen, (22, 42, 106, 92), 6, NOTE)
    _arc(pen, (48, 51, 80, 83), INK, 6)
    _shape(pen, ((36, 62), (58, 62), (47, 77)), INK)
    _shape(pen, ((22, 100), (98, 24), (106, 32), (30, 108)), STOP)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(TARGET, optimize=True)


def _scaled(points):
    return [value * SCALE for value in points]


def _box(pen, corners, radius, color):
    pen.rounded_rectangle(_scaled(corners), radius * SCALE, fill=color)


def _arc(pen, corners, color, width):
    """Three quarters of a circle, open where the arrow's head goes."""
    pen.arc(_scaled(corners), 180, 90, fill=color, width=width * SCALE)


def _shape(pen, points, color):
    pen.polygon([tuple(_scaled(point)) for point in points], fill=color)


if __name__ == "__main__":
    sys.exit(main())
