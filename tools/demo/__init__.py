"""The demo: an Italian company with its customers, and the story told on it.

``data/build.py`` makes the data, which is kept as a template; ``story.py`` plays the
main job on a copy of it and says what came out. ``data/cast.py`` says who takes part.
"""
