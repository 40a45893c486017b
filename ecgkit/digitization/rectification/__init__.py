"""From a photo of a page to the page itself: level, upright, at a fixed resolution."""
